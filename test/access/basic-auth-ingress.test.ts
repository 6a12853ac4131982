import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import type { IngressBackend } from '../../lib';
import {
  BasicAuthIngress,
  type BasicAuthIngressProps,
  type IngressController,
  ingressNginx,
  proxy,
} from '../../lib';
import { findOnly } from '../support/manifests';
import { refusalMessage, synthesizeChart, type TestChartProps } from '../support/synthesize';

const props: BasicAuthIngressProps = {
  name: 'push',
  host: 'push.example.com',
  tls: { secretName: 'push-tls' },
};
const backend = (more: Partial<IngressBackend> = {}): IngressBackend => ({
  namespace: 'monitoring',
  serviceName: 'pushgateway',
  server: { peer: { namespace: 'monitoring' }, port: 9091, admit: () => {} },
  paths: ['/metrics'],
  ...more,
});

function ingress(more: Partial<BasicAuthIngressProps> = {}, backends: IngressBackend[] = [backend()]) {
  const objects = synthesizeChart((chart) => {
    const built = new BasicAuthIngress(chart, 'x', { ...props, ...more });
    for (const one of backends) built.expose(one);
  });
  return findOnly(objects, 'Ingress');
}

const annotation = (name: string, more?: Partial<BasicAuthIngressProps>) =>
  ingress(more).metadata.annotations?.[`nginx.ingress.kubernetes.io/${name}`];

test('a host is served over TLS to users of a Secret only', () => {
  const { spec } = ingress();
  expect(spec.tls).toEqual([{ hosts: ['push.example.com'], secretName: 'push-tls' }]);
  expect(annotation('auth-type')).toBe('basic');
  expect(annotation('auth-secret')).toBe('push-users');
  expect(annotation('auth-secret-type')).toBe('auth-file');
  expect(annotation('force-ssl-redirect')).toBe('true');
});

test('only the backends’ paths are routed, to the port of their Service', () => {
  const { spec } = ingress({}, [backend({ paths: ['/b'], serviceName: 'b' }), backend()]);
  const service = (name: string) => ({ service: { name, port: { number: 9091 } } });
  expect(spec.rules).toEqual([
    {
      host: 'push.example.com',
      http: {
        paths: [
          { path: '/b', pathType: 'Prefix', backend: service('b') },
          { path: '/metrics', pathType: 'Prefix', backend: service('pushgateway') },
        ],
      },
    },
  ]);
});

test('limits fit pushes and can be set', () => {
  expect(annotation('proxy-body-size')).toBe('8m');
  expect(annotation('proxy-read-timeout')).toBe('60');
  expect(annotation('proxy-body-size', { maxBodySize: '512Ki' })).toBe('524288');
  expect(annotation('proxy-send-timeout', { timeout: '5m' })).toBe('300');
});

test('cert-manager keeps the certificate where an issuer is named, and may answer its challenges', () => {
  const objects = synthesizeChart((chart) =>
    new BasicAuthIngress(chart, 'x', { ...props, tls: { clusterIssuer: 'le' } }).expose(backend()),
  );
  const { metadata, spec } = findOnly(objects, 'Ingress');
  expect(metadata.annotations).toHaveProperty(['cert-manager.io/cluster-issuer'], 'le');
  expect(spec.tls[0].secretName).toBe('push-tls');
  const policy = findOnly(objects, 'NetworkPolicy', 'push-acme-challenge').spec;
  expect(policy.podSelector.matchLabels).toEqual({ 'acme.cert-manager.io/http01-solver': 'true' });
  expect(policy.ingress[0].ports).toEqual([{ protocol: 'TCP', port: 8089 }]);
  expect(ingress({ tls: { issuer: 'ours' } }).metadata.annotations).toHaveProperty(
    ['cert-manager.io/issuer'],
    'ours',
  );
});

test('a backend lets in the controller, by its namespace and by addresses where it runs on the host', () => {
  const admit = jest.fn();
  ingress({ controller: ingressNginx({ namespace: 'web', cidrs: ['10.0.0.0/24'] }) }, [
    backend({ server: { ...backend().server, admit } }),
  ]);
  expect(admit.mock.calls).toEqual([[{ namespace: 'web' }], [{ cidrs: ['10.0.0.0/24'] }]]);
});

test('the endpoint says where clients push and which Secret they mount, and no password', () => {
  let endpoint: unknown;
  synthesizeChart(
    (chart) => {
      endpoint = new BasicAuthIngress(chart, 'x', props).expose(backend({ basePath: '/services' }));
    },
    { platform: { privateCa: { configMapName: 'ca', key: 'ca.crt' } } },
  );
  expect(endpoint).toEqual({
    url: 'https://push.example.com/services',
    credentialsSecretName: 'push-credentials',
    privateCa: { configMapName: 'ca', key: 'ca.crt' },
  });
});

test('another controller is another small object', () => {
  const render = jest.fn();
  const controller: IngressController = {
    clients: [{ namespace: 'edge-gateway' }],
    usersFormat: { key: 'users', hash: 'bcrypt' },
    render,
  };
  synthesizeChart((chart) =>
    new BasicAuthIngress(chart, 'x', { ...props, controller, realm: 'Edge' }).expose(backend()),
  );
  const site = render.mock.calls[0][1];
  expect(site).toMatchObject({ host: 'push.example.com', realm: 'Edge', usersSecretName: 'push-users' });
  expect(site.backends()).toHaveLength(1);
});

test('a host with nothing behind it is a mistake', () => {
  const app = new App();
  const chart = new Chart(app, 'c');
  new BasicAuthIngress(chart, 'x', props);
  expect(() => app.synth()).toThrow(/push.example.com has no backend/);
});

test('a JSON patch reaches the Ingress', () => {
  const objects = synthesizeChart((chart) => {
    const path = '/metadata/annotations/nginx.ingress.kubernetes.io~1limit-rps';
    const built = new BasicAuthIngress(chart, 'x', props);
    built.expose(backend());
    ApiObject.of(built).addJsonPatch(JsonPatch.add(path, '5'));
  });
  expect(findOnly(objects, 'Ingress').metadata.annotations).toHaveProperty(
    ['nginx.ingress.kubernetes.io/limit-rps'],
    '5',
  );
});

test.each<[string, Partial<BasicAuthIngressProps>, RegExp]>([
  [
    'a scheme',
    { host: 'https://push.example.com' },
    /host is "https:\/\/push.example.com"; allowed: a DNS name/,
  ],
  ['a password', { host: 'u:hunter2@push.example.com' }, /host is /],
  ['a malformed size', { maxBodySize: '8m' as never }, /maxBodySize is "8m"; allowed: a number and a unit/],
  ['a malformed Secret name', { usersSecretName: 'A B' }, /usersSecretName is "A B"/],
  [
    'no certificate',
    { tls: {} as never },
    /tls is \{\}; allowed: \{ secretName: "name" \}, \{ issuer: "name" \} or \{ clusterIssuer: "name" \}/,
  ],
  [
    'an unknown controller',
    { controller: 'haproxy' as never },
    /controller is "haproxy"; allowed: an ingress controller, such as ingressNginx\(/,
  ],
])('%s is refused', (_, more, message) => {
  expect(refusalMessage((chart) => new BasicAuthIngress(chart, 'x', { ...props, ...more }))).toMatch(message);
});

test.each(['Edge push: north/1', 'a', 'v1.2_~-x'])('the realm %j is written as it is', (realm) => {
  expect(annotation('auth-realm', { realm })).toBe(realm);
});

test.each([
  'Caf\u00e9',
  'Edge "push"',
  "Edge's",
  'Edge (north)',
  'a,b',
  '$host',
  'a\nb',
  'a\\b',
  '',
  ' Edge',
  'Edge ',
  'a'.repeat(254),
])('the realm %j is refused, which some controller would drop or change', (realm) => {
  const message = refusalMessage((chart) => new BasicAuthIngress(chart, 'x', { ...props, realm }));
  expect(message).toMatch(/realm is ".*; allowed: 1 to 253 letters, digits, spaces and/s);
});

test.each<[string, Partial<IngressBackend>]>([
  ['paths[0]', { paths: ['/met rics'] }],
  ['paths[1]', { paths: ['/metrics', '/a~b'] }],
  ['paths[0]', { paths: ['/a/../b'] }],
  ['paths[0]', { paths: ['/metrics/'] }],
  ['basePath', { basePath: '/a;b' }],
  ['userHeader', { userHeader: 'X User' }],
  ['userHeader', { userHeader: 'X_Scope' }],
  ['serviceName', { serviceName: 'push gateway' }],
  ['pushes.path', { pushes: { methods: ['PUT'], path: '/a"b' } }],
  ['pushes.pathRule', { pushes: { methods: ['PUT'], path: '/a', pathRule: 'push to $here' } }],
  [
    'pushes.unsupported.reason',
    { pushes: { methods: ['PUT'], path: '/a', unsupported: { contentType: 'x', reason: 'not "x"' } } },
  ],
])('a backend whose %s no nginx could be told is refused: %j', (option, more) => {
  const message = refusalMessage((chart) => new BasicAuthIngress(chart, 'x', props).expose(backend(more)));
  expect(message).toContain(`${option} is `);
});

test('a name leaves room for what is made of it', () => {
  const named = (name: string) =>
    refusalMessage((chart) => new BasicAuthIngress(chart, 'x', { ...props, name, tls: { issuer: 'le' } }));
  expect(named('a'.repeat(49))).toMatch(/name is "a+"; allowed: up to 48 /);
});

test('a size that is no whole number of bytes is rounded up', () => {
  expect(annotation('proxy-body-size', { maxBodySize: '1000.3Ki' })).toBe('1024308');
});

test('values of annotations that are no texts are refused', () => {
  expect(() => proxy({ namespace: 'web', annotations: { 'example.com/on': true as never } })).toThrow(
    /proxy: annotations is .*allowed: annotation keys/,
  );
});

test('a path is given to one backend only', () => {
  const message = refusalMessage((chart) => {
    const built = new BasicAuthIngress(chart, 'x', props);
    built.expose(backend());
    built.expose(backend({ serviceName: 'other' }));
  });
  expect(message).toMatch(
    /another backend of the host push.example.com already uses the path \/metrics: set another route prefix/,
  );
});

test('a backend of another namespace cannot be routed to', () => {
  const chart: TestChartProps = { namespace: 'web' };
  const message = refusalMessage((scope) => new BasicAuthIngress(scope, 'x', props).expose(backend()), chart);
  expect(message).toMatch(
    /pushgateway is in namespace monitoring, but the ingress is in namespace web: create both in one namespace/,
  );
});

test('ingress-nginx is told where it runs in words that are allowed', () => {
  expect(() => ingressNginx({ namespace: 'No' })).toThrow(/ingressNginx: namespace is "No"/);
});
