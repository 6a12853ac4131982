import { App } from 'cdk8s';
import {
  BasicAuthIngress,
  type BasicAuthIngressProps,
  CloudChart,
  EdgeChart,
  envoyGateway,
  fluentBit,
  ingressNginx,
  LokiStack,
  nodeCertificate,
  Pushgateway,
  promtail,
  proxy,
  type Settings,
  traefik,
} from '../../lib';
import { requiredSecrets } from '../../lib/core/required-secrets';
import { configFile, findOnly, type Manifest, podOf } from '../support/manifests';
import { NODE_CA } from '../support/node-ca';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const passing = proxy({ namespace: 'ingress', tlsPassthrough: true });

const site = (props: Partial<BasicAuthIngressProps>) =>
  synthesizeChart((chart) => {
    const ingress = new BasicAuthIngress(chart, 'x', {
      name: 'push',
      host: 'push.example.com',
      authentication: nodeCertificate({ ca: NODE_CA }),
      ...props,
    });
    new Pushgateway(chart, 'p', { ingress, consistencyCheck: false });
  });

const conf = (objects: readonly Manifest[]) => configFile(objects, 'push-guard-config', 'nginx.conf');

describe('a controller', () => {
  test('that ends TLS, and cannot say which certificate was shown, is refused with the remedy', () => {
    const controller = proxy({ namespace: 'ingress' });
    expect(refusalMessage(() => site({ controller }))).toMatch(
      /use basicAuth\(\), or .*tlsPassthrough: true/,
    );
  });

  test.each([
    ['traefik', traefik(), 'IngressRouteTCP'],
    ['envoyGateway', envoyGateway(), 'TLSRoute'],
    [
      'envoyGateway with a Gateway',
      envoyGateway({ gateway: { name: 'public', namespace: 'web' } }),
      'TLSRoute',
    ],
  ])('that has routes for TLS passes it on to the guard by one: %s', (_, controller, kind) => {
    const objects = site({ controller, tls: { issuer: 'le' } });
    expect(conf(objects)).toContain('ssl_verify_client optional;');
    const route = findOnly(objects, kind);
    expect(route.metadata.annotations).toMatchObject({ 'edge-observability.io/paths': '/metrics' });
    expect(JSON.stringify(route.spec)).toMatch(/"name":"push-guard","port":8443/);
    expect(
      objects.filter((object) => ['Ingress', 'HTTPRoute', 'SecurityPolicy'].includes(object.kind)),
    ).toEqual([]);
    const { secretName, dnsNames, issuerRef } = findOnly(objects, 'Certificate').spec;
    expect([secretName, dnsNames, issuerRef.kind]).toEqual(['push-tls', ['push.example.com'], 'Issuer']);
    expect(JSON.stringify(podOf(findOnly(objects, 'Deployment')).volumes)).toContain(
      '"secretName":"push-tls"',
    );
  });

  test('of Traefik is asked by the name of the host, on its entry point for HTTPS', () => {
    const { spec, metadata } = findOnly(
      site({ controller: traefik({ className: 'edge' }) }),
      'IngressRouteTCP',
    );
    expect(spec).toEqual({
      entryPoints: ['websecure'],
      routes: [{ match: 'HostSNI(`push.example.com`)', services: [{ name: 'push-guard', port: 8443 }] }],
      tls: { passthrough: true },
    });
    expect(metadata.annotations).toHaveProperty(['kubernetes.io/ingress.class'], 'edge');
  });

  test('of the Gateway API has a listener that passes TLS on, beside those that end it', () => {
    const objects = synthesizeChart((chart) => {
      const host = { host: 'push.example.com', controller: envoyGateway() };
      const authentication = nodeCertificate({ ca: NODE_CA });
      const ingress = new BasicAuthIngress(chart, 'x', { ...host, name: 'push', authentication });
      new Pushgateway(chart, 'p', { ingress, consistencyCheck: false });
      const services = new BasicAuthIngress(chart, 'y', { ...host, name: 'services', host: 's.example.com' });
      new Pushgateway(chart, 's', { name: 'services', ingress: services });
    });
    const { listeners } = findOnly(objects, 'Gateway').spec;
    expect(listeners.map(({ name, protocol, tls }: Manifest) => [name, protocol, tls.mode])).toEqual([
      ['https-services', 'HTTPS', 'Terminate'],
      ['tls-push', 'TLS', 'Passthrough'],
    ]);
    expect(listeners[1].tls).not.toHaveProperty('certificateRefs');
    expect(findOnly(objects, 'TLSRoute').spec).toMatchObject({
      parentRefs: [{ name: 'edge-observability', sectionName: 'tls-push' }],
      hostnames: ['push.example.com'],
    });
    expect(findOnly(objects, 'TLSRoute').apiVersion).toBe('gateway.networking.k8s.io/v1');
  });

  test('that passes TLS on leaves it to the guard, with the certificate of the host and the authorities of nodes', () => {
    const objects = site({ controller: passing, tls: { secretName: 'own' } });
    expect(conf(objects)).toContain('ssl_verify_client optional;');
    expect(configFile(objects, 'push-guard-config', 'node-ca.crt')).toBe(NODE_CA);
    expect(JSON.stringify(podOf(findOnly(objects, 'Deployment')).volumes)).toContain('"secretName":"own"');
    const { service } = findOnly(objects, 'Ingress').spec.rules[0].http.paths[0].backend;
    expect(service).toEqual({ name: 'push-guard', port: { number: 8443 } });
  });

  test('that ends TLS asks for certificates, and has the guard answer for those that are not valid', () => {
    const objects = site({ controller: ingressNginx() });
    expect(findOnly(objects, 'Ingress').metadata.annotations).toMatchObject({
      'nginx.ingress.kubernetes.io/auth-tls-secret': 'monitoring/push-node-ca',
      'nginx.ingress.kubernetes.io/auth-tls-verify-client': 'optional',
      'nginx.ingress.kubernetes.io/auth-tls-error-page': '/certificate-refused',
    });
    const { data } = findOnly(objects, 'Secret');
    expect(data).toEqual({ 'ca.crt': Buffer.from(NODE_CA).toString('base64') });
    const paths = findOnly(objects, 'Ingress').spec.rules[0].http.paths.map(
      ({ path }: { path: string }) => path,
    );
    expect(paths).toContain('/certificate-refused');
    expect(conf(objects)).toContain('location = /certificate-refused {');
  });
});

test('nodes are users of no password, unless both are taken', () => {
  const needed = (passwords: boolean) =>
    synthesizeChart((chart) => {
      const authentication = nodeCertificate({ ca: NODE_CA, passwords });
      const host = { name: 'push', host: 'push.example.com', controller: passing, authentication };
      const ingress = new BasicAuthIngress(chart, 'x', host);
      const sink = new Pushgateway(chart, 'p', { ingress, consistencyCheck: false });
      expect(sink.endpoint.credentialsSecretName).toBe(passwords ? 'push-credentials' : undefined);
      expect(requiredSecrets(chart.node.root).map(({ name }) => name)).toEqual(
        passwords ? ['push-users'] : [],
      );
    });
  expect(conf(needed(false))).not.toContain('auth_basic');
  expect(conf(needed(true))).toContain('auth_basic $realm;');
});

test.each([
  ['groups', { groups: ['north'] }, 'the option "groups" requires users with passwords'],
  [
    'no authority',
    { authentication: { certificates: {} } as never },
    'allowed: basicAuth() or nodeCertificate(',
  ],
])('it is refused with %s', (_, props, message) => {
  expect(refusalMessage(() => site({ controller: passing, ...props }))).toContain(message);
});

test('tenants of Loki are refused if nodes authenticate with certificates', () => {
  const build = () =>
    synthesizeChart((chart) => {
      const authentication = nodeCertificate({ ca: NODE_CA });
      const host = { name: 'logs', host: 'l.example.com', controller: passing, authentication };
      const ingress = new BasicAuthIngress(chart, 'x', host);
      new LokiStack(chart, 'loki', { ingress, multiTenancy: { tenants: ['north'] } });
    });
  expect(refusalMessage(build)).toContain('needs a user name for each request');
});

describe('groups of nodes that show certificates', () => {
  const built = (groups: string[], passwords = false) => {
    jest.spyOn(console, 'warn').mockReturnValue(undefined);
    const settings: Settings = {
      cluster: 'c',
      hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
      ingress: { controller: passing, authentication: nodeCertificate({ ca: NODE_CA, groups, passwords }) },
      edge: { groups: [{ name: 'north', transport: 'remote-write' }, { name: 'south' }] },
    };
    const app = new App();
    const cloud = new CloudChart(app, 'cloud', { settings });
    const edge = new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
    return { cloud: cloud.toJson() as Manifest[], edge: edge.toJson() as Manifest[] };
  };
  const logins = (objects: readonly Manifest[], name: string) =>
    podOf(findOnly(objects, 'DaemonSet', name))
      .volumes.map(({ hostPath, secret }: Manifest) => hostPath?.path ?? secret?.secretName)
      .filter((source: string | undefined) => source && /certs|credentials/.test(source));

  test('have a certificate alone, and the others a password alone, which the guard takes both', () => {
    const { cloud, edge } = built(['north']);
    for (const agent of ['edge-metrics-agent-north', 'edge-log-collector-north']) {
      expect(logins(edge, agent)).toEqual(['/etc/kubeedge/certs']);
    }
    expect(logins(edge, 'edge-node-exporter-south')).toEqual(['push-credentials']);
    expect(logins(edge, 'edge-log-collector-south')).toEqual(['logs-credentials']);
    expect(logins(edge, 'edge-node-exporter')).toEqual(['push-credentials']);
    for (const guard of ['push-guard-config', 'logs-guard-config']) {
      expect(configFile(cloud, guard, 'nginx.conf')).toMatch(
        /auth_basic \$realm;[\s\S]*auth_basic_user_file/,
      );
    }
  });

  test('have both while they move', () => {
    const { edge } = built(['north'], true);
    expect(logins(edge, 'edge-log-collector-north')).toEqual(
      expect.arrayContaining(['/etc/kubeedge/certs', 'logs-credentials']),
    );
    expect(logins(edge, 'edge-log-collector-south')).toEqual(['logs-credentials']);
  });

  test('are groups of the edge', () => {
    expect(() => built(['nroth'])).toThrow(
      /contains "nroth", which is not a group in settings.edge; allowed: north, south/,
    );
  });
});

test.each([
  ['ca', 'no PEM'],
  ['ca', `${NODE_CA}\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`],
  ['ca', NODE_CA.replace('MII', 'AAA')],
  ['subject', 'CN=edge'],
  ['subject', 'CN={node}+CN={node}'],
  ['folder', 'certs'],
  ['groups', []],
])('%s is refused where it is %j', (option, value) => {
  expect(refusalMessage(() => nodeCertificate({ ca: NODE_CA, [option]: value }))).toContain(`${option} is`);
});

test('a subject of its own is matched as a whole, as it is written', () => {
  const authentication = nodeCertificate({ ca: NODE_CA, subject: 'O=Acme (Edge),CN={node}.edge' });
  expect(conf(site({ controller: passing, authentication }))).toContain(
    '"~^SUCCESS O=Acme \\(Edge\\),CN=(?<certified>[a-z0-9.-]+)\\.edge$" $certified;',
  );
});

describe('the edge side', () => {
  const settings: Settings = {
    cluster: 'c',
    hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
    ingress: { controller: passing, authentication: nodeCertificate({ ca: NODE_CA }) },
    edge: {
      transport: 'remote-write',
      logs: { agent: promtail() },
      groups: [
        {
          name: 'pushers',
          nodeSelector: { pushes: 'yes' },
          transport: 'pushgateway',
          logs: { agent: fluentBit() },
        },
        { name: 'large', nodeSelector: { pushes: 'no' }, logs: { agent: promtail() } },
      ],
    },
  };
  let objects: readonly Manifest[];

  beforeAll(() => {
    jest.spyOn(console, 'warn').mockReturnValue(undefined);
    objects = synthesizeChart((chart) => {
      const { sinks, logs } = new CloudChart(chart.node.root as never, 'cloud', { settings });
      const edge = new EdgeChart(chart.node.root as never, 'edge', { settings, metrics: sinks, logs });
      for (const object of edge.toJson()) all.push(object);
    });
  });
  const all: Manifest[] = [];

  const pod = (name: string) => podOf(findOnly(all, 'DaemonSet', name));

  test.each([
    'edge-metrics-agent',
    'edge-node-exporter-pushers',
    'edge-log-collector',
    'edge-log-collector-pushers',
    'edge-log-collector-large',
  ])('%s mounts the folder of the node read-only, and no password', (name) => {
    expect(objects).toBeDefined();
    const { volumes, containers, ...spec } = pod(name);
    expect(JSON.stringify({ volumes, containers })).not.toContain('credentials');
    expect(volumes).toContainEqual({
      name: 'node-certificate',
      hostPath: { path: '/etc/kubeedge/certs', type: 'Directory' },
    });
    const mounting = containers.filter(({ volumeMounts }: { volumeMounts: object[] }) =>
      JSON.stringify(volumeMounts).includes('node-certificate'),
    );
    expect(mounting.length).toBeGreaterThan(0);
    for (const { volumeMounts, securityContext } of mounting) {
      const mount = volumeMounts.find((one: { name: string }) => one.name === 'node-certificate');
      expect(mount.readOnly).toBe(true);
      expect(securityContext.runAsUser ?? spec.securityContext.runAsUser).toBe(0);
      expect(securityContext.capabilities).toEqual({ drop: ['ALL'] });
    }
  });

  test('each agent shows certificate and key', () => {
    expect(JSON.stringify(pod('edge-metrics-agent'))).toContain(
      '-remoteWrite.tlsCertFile=/etc/node-certificate/server.crt',
    );
    expect(JSON.stringify(pod('edge-node-exporter-pushers'))).toContain('/etc/node-certificate/server.key');
    const configs = JSON.stringify(all.filter(({ kind }) => kind === 'ConfigMap'));
    expect(configs).toContain('key_file: /etc/node-certificate/server.key');
    expect(configs).toContain('tls.crt_file: /etc/node-certificate/server.crt');
  });

  // Prometheus's HTTP library fails each request after a renewal where no file of authorities is configured.
  test('agents in Go read the authorities from a file, beside a certificate that is renewed', () => {
    const configs = JSON.stringify(all.filter(({ kind }) => kind === 'ConfigMap'));
    expect(configs).toContain('ca_file: /etc/ssl/certs/ca-certificates.crt');
  });

  test('the agent of logs that does not look for changes is made to reload when the certificate changes', () => {
    const reloader = pod('edge-log-collector-pushers').containers.find(
      ({ name }: { name: string }) => name === 'config-reloader',
    );
    const watched = reloader.env.find(({ name }: { name: string }) => name === 'WATCH_DIRS');
    expect(watched.value).toContain('/etc/node-certificate');
  });
});
