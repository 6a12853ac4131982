import {
  BasicAuthIngress,
  type BasicAuthIngressProps,
  type EnvoyGatewayProps,
  envoyGateway,
  type IngressBackend,
  ingressNginx,
  traefik,
} from '../../lib';
import { findOnly, type Manifest } from '../support/manifests';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const backend: IngressBackend = {
  namespace: 'monitoring',
  serviceName: 'pushgateway',
  server: { peer: { namespace: 'monitoring' }, port: 9091, admit: () => {} },
  paths: ['/metrics'],
};

const CONTROLLERS = { ingressNginx, traefik, envoyGateway };
type Name = keyof typeof CONTROLLERS;

const site = (name: Name, props: Partial<BasicAuthIngressProps> = {}, more: Partial<IngressBackend> = {}) =>
  synthesizeChart((chart) =>
    new BasicAuthIngress(chart, 'x', {
      name: 'push',
      host: 'push.example.com',
      tls: { secretName: 'push-tls' },
      controller: CONTROLLERS[name](),
      ...props,
    }).expose({ ...backend, ...more }),
  );
const refused = (name: Name, props: Partial<BasicAuthIngressProps>) =>
  refusalMessage(() => {
    site(name, props);
  });
const text = (objects: readonly Manifest[]) => JSON.stringify(objects);

describe.each(Object.keys(CONTROLLERS) as Name[])('%s', (name) => {
  test('serves the host with its certificate, to users of the Secret, on the paths of the backend', () => {
    const objects = site(name);
    for (const part of [
      'push.example.com',
      '"push-tls"',
      '"push-users"',
      '"/metrics"',
      '"pushgateway"',
      '9091',
    ]) {
      expect(text(objects)).toContain(part);
    }
  });

  test('lets cert-manager keep the certificate', () => {
    expect(text(site(name, { tls: { clusterIssuer: 'le' } }))).toContain(
      '"cert-manager.io/cluster-issuer":"le"',
    );
    expect(text(site(name, { tls: { issuer: 'ours' } }))).toContain('"cert-manager.io/issuer":"ours"');
  });

  test('is let in by the backend, by its namespace and by addresses where it runs on the host', () => {
    const { clients } = CONTROLLERS[name]({ namespace: 'web', cidrs: ['10.0.0.0/24'] });
    expect(clients).toEqual([{ namespace: 'web' }, { cidrs: ['10.0.0.0/24'] }]);
  });

  test('limits bodies to what a push needs, or to what is asked for', () => {
    expect(text(site(name))).toMatch(/"8m"|:8388608\b|"limit":"8Mi"/);
    expect(text(site(name, { maxBodySize: '32Mi' }))).toMatch(/"32m"|:33554432\b|"limit":"32Mi"/);
  });

  test('has a main object, which a JSON patch finds', () => {
    const kinds = site(name).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'Ingress' || kind === 'HTTPRoute')).toHaveLength(1);
  });

  test('refuses a host that another site serves, whoever serves it', () => {
    const message = refusalMessage((chart) => {
      const host = {
        host: 'push.example.com',
        tls: { secretName: 'push-tls' },
        controller: CONTROLLERS[name](),
      };
      new BasicAuthIngress(chart, 'a', { ...host, name: 'a' });
      new BasicAuthIngress(chart, 'b', { ...host, name: 'b', controller: ingressNginx() });
    });
    expect(message).toMatch(
      /host is "push.example.com", but test\/a already serves this host: use one BasicAuthIngress for all backends of the host/,
    );
  });

  test('holds no secret and makes none', () => {
    expect(site(name).map(({ kind }) => kind)).not.toContain('Secret');
  });

  test.each([{ className: 'A B' }, { namespace: 'A' }, { cidrs: ['x'] }])('refuses %j', (props) => {
    expect(() => CONTROLLERS[name](props)).toThrow(/allowed: /);
  });
});

describe('traefik', () => {
  test('checks users before it buffers a body, and hands their name on in a header of its own', () => {
    const objects = site('traefik', { realm: 'Edge' });
    expect(findOnly(objects, 'Middleware', 'push-users').spec.basicAuth).toEqual({
      secret: 'push-users',
      realm: 'Edge',
      removeHeader: true,
      headerField: 'X-Auth-User',
    });
    expect(findOnly(objects, 'Ingress').metadata.annotations).toMatchObject({
      'traefik.ingress.kubernetes.io/router.middlewares':
        'monitoring-push-users@kubernetescrd,monitoring-push-body@kubernetescrd',
      'traefik.ingress.kubernetes.io/router.entrypoints': 'websecure',
      'traefik.ingress.kubernetes.io/router.tls': 'true',
    });
  });

  test('says where timeouts are set', () => {
    expect(refused('traefik', { timeout: '5m' })).toMatch(
      /timeout is "5m"; allowed: none, because .* of Traefik .*: remove the option "timeout", and set forwardingTimeouts in the installation of Traefik/,
    );
  });
});

describe('envoyGateway', () => {
  const objects = site('envoyGateway', { timeout: '2m' });

  const hosts = (props: EnvoyGatewayProps, ...all: Partial<BasicAuthIngressProps>[]) => {
    const controller = envoyGateway(props);
    return synthesizeChart((chart) => {
      for (const one of all) {
        const own = { name: 'push', host: 'push.example.com', tls: { secretName: 'push-tls' }, controller };
        new BasicAuthIngress(chart, one.name ?? 'push', { ...own, ...one }).expose(backend);
      }
    });
  };
  const logs = { name: 'logs', host: 'logs.example.com', tls: { secretName: 'logs-tls' } };

  test('ends TLS of all hosts in one Gateway, which takes routes of its namespace only', () => {
    const both = hosts({}, {}, logs);
    const { gatewayClassName, listeners } = findOnly(both, 'Gateway').spec;
    expect(gatewayClassName).toBe('eg');
    expect(listeners).toMatchObject(
      [
        ['https-logs', 'logs.example.com', 'logs-tls'],
        ['https-push', 'push.example.com', 'push-tls'],
      ].map(([name, hostname, secret]) => ({
        ...{ name, hostname, port: 443 },
        tls: { mode: 'Terminate', certificateRefs: [{ name: secret }] },
        allowedRoutes: { namespaces: { from: 'Same' } },
      })),
    );
    expect(findOnly(both, 'HTTPRoute', 'push').spec.parentRefs).toEqual([
      {
        group: 'gateway.networking.k8s.io',
        kind: 'Gateway',
        name: 'edge-observability',
        sectionName: 'https-push',
      },
    ]);
  });

  const issued = { tls: { clusterIssuer: 'le' } };
  const portsOf = (props: EnvoyGatewayProps, ...all: Partial<BasicAuthIngressProps>[]) =>
    findOnly(hosts(props, ...all), 'Gateway').spec.listeners.map(({ port }: { port: number }) => port);

  test('opens port 80 for the challenges of an issuer, and nothing is routed there', () => {
    expect(portsOf({}, issued, { ...logs, ...issued })).toEqual([80, 443, 443]);
    const routes = hosts({}, issued).filter(({ kind }) => kind === 'HTTPRoute');
    expect(routes.map(({ spec }) => spec.parentRefs[0].sectionName)).toEqual(['https-push']);
    expect(portsOf({}, {})).toEqual([443]);
    expect(portsOf({ httpChallenges: false }, issued)).toEqual([443]);
  });

  test('takes certificates of one issuer for a Gateway, and of others for another one', () => {
    expect(refusalMessage(() => hosts({}, issued, logs))).toMatch(
      /all hosts of the Gateway edge-observability must have the same issuer; the option "tls" is {"secretName":"logs-tls"} for this host, and {"clusterIssuer":"le"} for another host/,
    );
    const other = { ...logs, controller: envoyGateway({ gatewayName: 'logs' }) };
    expect(hosts({}, issued, other).filter(({ kind }) => kind === 'Gateway')).toHaveLength(2);
  });

  test('uses a Gateway that exists, by its TLS listeners alone', () => {
    const gateway = { name: 'public', namespace: 'gateways' };
    const objects = hosts({ gateway }, { tls: undefined }, { ...logs, tls: undefined });
    expect(objects.map(({ kind }) => kind)).not.toContain('Gateway');
    const parent = { group: 'gateway.networking.k8s.io', kind: 'Gateway', ...gateway };
    expect(findOnly(objects, 'HTTPRoute', 'logs').spec.parentRefs).toEqual([{ ...parent, port: 443 }]);
    const named = hosts({ gateway: { ...gateway, listener: 'wildcard' } }, { tls: undefined });
    expect(findOnly(named, 'HTTPRoute').spec.parentRefs).toEqual([{ ...parent, sectionName: 'wildcard' }]);
  });

  test('keeps no certificates of a Gateway that exists', () => {
    for (const one of [issued, {}]) {
      expect(refusalMessage(() => hosts({ gateway: { name: 'public' } }, one))).toMatch(
        /tls is .*; allowed: none, because the listeners of the Gateway public have their own certificates/,
      );
    }
    expect(() => envoyGateway({ gateway: { name: 'public' }, className: 'eg' })).toThrow(
      /className only applies to a Gateway that this package creates/,
    );
  });

  test('says how large a body can be', () => {
    expect(refused('envoyGateway', { maxBodySize: '4Gi' })).toMatch(
      /maxBodySize is "4Gi"; allowed: less than "4Gi", .*: reduce it/,
    );
  });

  test('checks users and limits what they do on that very route', () => {
    const target = [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'push' }];
    expect(findOnly(objects, 'SecurityPolicy').spec).toEqual({
      targetRefs: target,
      basicAuth: { users: { name: 'push-users' }, forwardUsernameHeader: 'X-Auth-User' },
    });
    expect(findOnly(objects, 'BackendTrafficPolicy').spec).toMatchObject({
      targetRefs: target,
      timeout: { http: { requestTimeout: '120s' } },
    });
  });

  test('says that it has no realm', () => {
    expect(refused('envoyGateway', { realm: 'Edge' })).toMatch(
      /realm is "Edge"; allowed: none, because Envoy .*: remove the option "realm"/,
    );
  });
});

test('each says how its Secret of users has to look', () => {
  const formats = Object.values(CONTROLLERS).map((controller) => controller().usersFormat);
  expect(formats).toEqual([
    { key: 'auth', hash: 'bcrypt' },
    { key: 'users', hash: 'bcrypt' },
    { key: '.htpasswd', hash: 'sha1' },
  ]);
});
