import {
  BasicAuthIngress,
  type BasicAuthIngressProps,
  envoyGateway,
  type IngressBackend,
  ingressNginx,
  traefik,
} from '../../lib';
import { type Manifest, only } from '../support/manifests';
import { refusal, synthesized } from '../support/synthesize';

const backend: IngressBackend = {
  namespace: 'monitoring',
  serviceName: 'pushgateway',
  server: { peer: { namespace: 'monitoring' }, port: 9091, admit: () => {} },
  paths: ['/metrics'],
};

const CONTROLLERS = { ingressNginx, traefik, envoyGateway };
type Name = keyof typeof CONTROLLERS;

const site = (name: Name, props: Partial<BasicAuthIngressProps> = {}, more: Partial<IngressBackend> = {}) =>
  synthesized((chart) =>
    new BasicAuthIngress(chart, 'x', {
      name: 'push',
      host: 'push.example.com',
      tls: { secretName: 'push-tls' },
      controller: CONTROLLERS[name](),
      ...props,
    }).expose({ ...backend, ...more }),
  );
const refused = (name: Name, props: Partial<BasicAuthIngressProps>) =>
  refusal(() => {
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
    expect(only(objects, 'Middleware', 'push-users').spec.basicAuth).toEqual({
      secret: 'push-users',
      realm: 'Edge',
      removeHeader: true,
      headerField: 'X-Auth-User',
    });
    expect(only(objects, 'Ingress').metadata.annotations).toMatchObject({
      'traefik.ingress.kubernetes.io/router.middlewares':
        'monitoring-push-users@kubernetescrd,monitoring-push-body@kubernetescrd',
      'traefik.ingress.kubernetes.io/router.entrypoints': 'websecure',
      'traefik.ingress.kubernetes.io/router.tls': 'true',
    });
  });

  test('says where timeouts are set', () => {
    expect(refused('traefik', { timeout: '5m' })).toMatch(
      /traefik knows no timeout: leave it out, and set forwarding/,
    );
  });
});

describe('envoyGateway', () => {
  const objects = site('envoyGateway', { timeout: '2m' });

  test('ends TLS in a Gateway of the host, which takes routes of its namespace only', () => {
    expect(only(objects, 'Gateway').spec).toMatchObject({
      gatewayClassName: 'eg',
      listeners: [
        {
          hostname: 'push.example.com',
          tls: { mode: 'Terminate', certificateRefs: [{ name: 'push-tls' }] },
          allowedRoutes: { namespaces: { from: 'Same' } },
        },
      ],
    });
    expect(only(objects, 'HTTPRoute').spec.parentRefs).toEqual([
      { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'push' },
    ]);
  });

  test('checks users and limits what they do on that very route', () => {
    const target = [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'push' }];
    expect(only(objects, 'SecurityPolicy').spec).toEqual({
      targetRefs: target,
      basicAuth: { users: { name: 'push-users' }, forwardUsernameHeader: 'X-Auth-User' },
    });
    expect(only(objects, 'BackendTrafficPolicy').spec).toMatchObject({
      targetRefs: target,
      timeout: { http: { requestTimeout: '120s' } },
    });
  });

  test('says that it has no realm', () => {
    expect(refused('envoyGateway', { realm: 'Edge' })).toMatch(/envoyGateway knows no realm: leave it out/);
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
