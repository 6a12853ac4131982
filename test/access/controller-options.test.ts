import {
  BasicAuthIngress,
  type BasicAuthIngressProps,
  envoyGateway,
  type IngressBackend,
  ingressNginx,
  proxy,
  traefik,
} from '../../lib';
import type { Manifest } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';

const CONTROLLERS = {
  ingressNginx: ingressNginx(),
  traefik: traefik(),
  envoyGateway: envoyGateway(),
  'a Gateway that exists': envoyGateway({ gateway: { name: 'public', namespace: 'web' } }),
  proxy: proxy({ namespace: 'web' }),
};
type Name = keyof typeof CONTROLLERS;

const reader: IngressBackend = {
  namespace: 'monitoring',
  serviceName: 'grafana',
  server: { peer: { namespace: 'monitoring' }, port: 3000, admit: () => {} },
  paths: ['/'],
};
const pushes = { methods: ['POST'] as const, path: '/push' };
const BACKENDS: Readonly<Record<string, IngressBackend>> = {
  'a reader': reader,
  'a reader that learns the user': { ...reader, userHeader: 'X-User' },
  'what is pushed to': { ...reader, pushes },
  'what is pushed to by agents of logs': { ...reader, pushes: { ...pushes, retriesRefusedUsers: true } },
};

/** Which component implements an option. */
interface Asked {
  readonly props: Partial<BasicAuthIngressProps>;
  /** Contents of the controller's objects, with or without a guard. */
  readonly controller?: RegExp;
  /** Contents of the objects of the controller or of the guard. */
  readonly either?: RegExp;
}

/** The options of a host, each with plausible values. */
const ASKED: Readonly<Record<string, Asked>> = {
  'a realm': {
    props: { realm: 'North: edge/1' },
    either: /auth-realm":"North: edge\/1"|"realm":"North: edge\/1"|auth_basic "North: edge\/1"/,
  },
  'small bodies': {
    props: { maxBodySize: '512Ki' },
    controller: /_body_size 524288;|-body-size":"524288"|maxRequestBodyBytes":524288\b|"limit":"512Ki"/,
  },
  'bodies of a fraction': {
    props: { maxBodySize: '1.5Mi' },
    controller: /_body_size 1572864;|-body-size":"1572864"|maxRequestBodyBytes":1572864\b|"limit":"1572864"/,
  },
  'huge bodies': {
    props: { maxBodySize: '6Gi' },
    controller: /_body_size 6442450944;|-body-size":"6144m"|maxRequestBodyBytes":6442450944\b/,
  },
  'a timeout': {
    props: { timeout: '7m' },
    either: /proxy-read-timeout":"420"|"requestTimeout":"420s"|proxy_read_timeout 420s/,
  },
  'a Secret with the certificate': {
    props: { tls: { secretName: 'wildcard' } },
    controller: /"secretName":"wildcard"|"kind":"Secret","name":"wildcard"/,
  },
  'an issuer': { props: { tls: { issuer: 'ours' } }, controller: /cert-manager.io\/issuer":"ours"/ },
  'an issuer of the cluster': {
    props: { tls: { clusterIssuer: 'le' } },
    controller: /cert-manager.io\/cluster-issuer":"le"/,
  },
  'a rate': { props: { rateLimit: { requestsPerSecond: 7 } }, either: /rate=7r\/s/ },
  groups: { props: { groups: ['north', 'south'] }, either: /~\^?\\?"?.*north/ },
  nothing: { props: {} },
};

const GUARD = 'push-guard';

function objectsOf(name: Name, backend: IngressBackend, props: Partial<BasicAuthIngressProps>) {
  const objects = synthesizeChart((chart) =>
    new BasicAuthIngress(chart, 'x', {
      ...props,
      ...{ name: 'push', host: 'push.example.com', controller: CONTROLLERS[name] },
    }).expose(backend),
  );
  const isGuard = ({ metadata }: Manifest) => metadata.name.startsWith(GUARD);
  const text = (some: readonly Manifest[]) => JSON.stringify(some).replaceAll('\\"', '"');
  return {
    controller: text(objects.filter((object) => !isGuard(object))),
    guard: text(objects.filter(isGuard)),
  };
}

/** Returns the refusal, or the requested options that are missing in the manifests. */
function outcome(name: Name, backend: IngressBackend, asked: readonly Asked[]): string {
  const props = Object.assign({}, ...asked.map((one) => one.props));
  let objects: ReturnType<typeof objectsOf>;
  try {
    objects = objectsOf(name, backend, props);
  } catch (error) {
    return (error as Error).message;
  }
  // A proxy may be any program: its limits are the guard's.
  const bySite = name === 'proxy' ? objects.controller + objects.guard : objects.controller;
  const all = objects.controller + objects.guard;
  const missing = asked.filter(
    (one) => (one.controller && !one.controller.test(bySite)) || (one.either && !one.either.test(all)),
  );
  return missing.map((one) => `LOST ${JSON.stringify(one.props)}`).join();
}

/** Pairs of options that go together, and each option by itself. */
const pairs = Object.entries(ASKED).flatMap(([first, one], index) =>
  Object.entries(ASKED)
    .slice(index)
    .filter(([, other]) => one === other || !Object.keys(one.props).some((key) => key in other.props))
    .map(([second, other]): [string, Asked[]] => [`${first} and ${second}`, [one, other]]),
);

describe.each(Object.keys(CONTROLLERS) as Name[])('%s', (name) => {
  test.each(Object.keys(BACKENDS))('before %s does each pair of options, or refuses it', (kind) => {
    const backend = BACKENDS[kind] as IngressBackend;
    const wrong = pairs
      .map(([pair, asked]) => [pair, outcome(name, backend, asked)])
      .filter(
        ([, says = '']) =>
          says &&
          !/^test\/x: (the option "groups" is set, but the backend grafana does not receive pushes|\w+ is .*; allowed: )/.test(
            says,
          ),
      );
    expect(wrong).toEqual([]);
  });
});

test('what is refused is what a controller cannot do, and nothing else', () => {
  const refused = (Object.keys(CONTROLLERS) as Name[]).flatMap((name) =>
    Object.entries(ASKED).map(([option, asked]) => {
      const before = Object.keys(BACKENDS).filter((kind) =>
        outcome(name, BACKENDS[kind] as IngressBackend, [asked]),
      );
      return before.length ? `${name}: ${option} before ${before.join(', ')}` : '';
    }),
  );
  expect(refused.filter((text) => text && !text.includes(': groups before a reader'))).toMatchInlineSnapshot(`
[
  "traefik: a timeout before a reader",
  "envoyGateway: a realm before a reader, a reader that learns the user, what is pushed to",
  "envoyGateway: huge bodies before a reader, a reader that learns the user, what is pushed to, what is pushed to by agents of logs",
  "a Gateway that exists: a realm before a reader, a reader that learns the user, what is pushed to",
  "a Gateway that exists: huge bodies before a reader, a reader that learns the user, what is pushed to, what is pushed to by agents of logs",
  "a Gateway that exists: a Secret with the certificate before a reader, a reader that learns the user, what is pushed to, what is pushed to by agents of logs",
  "a Gateway that exists: an issuer before a reader, a reader that learns the user, what is pushed to, what is pushed to by agents of logs",
  "a Gateway that exists: an issuer of the cluster before a reader, a reader that learns the user, what is pushed to, what is pushed to by agents of logs",
]
`);
});

test('a refusal says the option, its value, what is allowed and what to do', () => {
  const asked = ['a realm', 'huge bodies'].map((option) => ASKED[option] as Asked);
  expect(outcome('envoyGateway', reader, asked)).toBe(
    'test/x: realm is "North: edge/1"; allowed: none, because Envoy does not support a realm: remove the option "realm"; ' +
      'maxBodySize is "6Gi"; allowed: less than "4Gi", the maximum buffer size of Envoy: reduce it',
  );
});
