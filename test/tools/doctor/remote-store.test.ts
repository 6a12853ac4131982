import { App } from 'cdk8s';
import { CloudChart, type RemoteStoreOptions, remoteStore } from '../../../lib';
import type { Network, PushRequest } from '../../../lib/tools/doctor/network';
import { remoteStore as check, remoteStoreLogins } from '../../../lib/tools/doctor/remote-store';
import { renderApp } from '../../../lib/tools/synthesis/render';
import { minimalSettings } from '../../support/settings';
import { RecordedCluster } from './recorded-cluster';

const [WRITE, QUERY] = ['https://mimir.example.com/api/v1/push', 'https://mimir.example.com/prometheus'];
const headers = { 'X-Scope-OrgID': 'edge' };
const privateCa = { configMapName: 'our-ca', key: 'ca.crt' };
const STORE: RemoteStoreOptions = {
  write: { url: WRITE, headers, credentialsSecretName: 'writer', privateCa },
  query: { url: QUERY, headers, credentialsSecretName: 'reader', privateCa },
};
const login = (user: string) =>
  JSON.stringify({ data: { username: btoa(user), password: btoa('a-password') } });

const ANSWERS = {
  'get configmap our-ca --namespace monitoring': JSON.stringify({ data: { 'ca.crt': 'OUR CA' } }),
  'get secret writer --namespace monitoring': login('writer'),
  'get secret reader --namespace monitoring': login('reader'),
};

/** Runs a check with answers of the store, and returns its findings and the requests. */
async function run(
  which: typeof check,
  answer: (request: PushRequest) => number | Error,
  store: RemoteStoreOptions = STORE,
  { config = '', answers = ANSWERS }: { config?: string; answers?: Record<string, string> } = {},
) {
  const app = new App();
  const settings = {
    ...minimalSettings,
    edge: { transport: 'remote-write' },
    metricsStore: remoteStore(store),
  } as const;
  new CloudChart(app, 'cloud', { settings });
  const requests: PushRequest[] = [];
  const network: Partial<Network> = {
    now: () => new Date(0),
    push: async (request) => {
      requests.push(request);
      const given = answer(request);
      if (given instanceof Error) throw given;
      return given;
    },
    read: async () => ({ status: 200, text: JSON.stringify({ data: { yaml: config } }) }),
  };
  const found = await which.run({
    objects: renderApp(app),
    kubectl: new RecordedCluster(answers).kubectl,
    network: network as Network,
    ...{ prometheus: [], secrets: [], kubernetesMinor: 30 },
  });
  return { found, requests };
}

test('both addresses are requested without a password, with the tenant and the CA certificate', async () => {
  const { found, requests } = await run(check, () => 401);
  expect(found.map(({ verdict, message }) => [verdict, message])).toEqual([
    ['ok', `${WRITE} responds, and requires a password`],
    ['ok', `${QUERY} responds, and requires a password`],
  ]);
  expect(requests.map(({ url, auth, ca }) => [url, auth, ca])).toEqual([
    [WRITE, undefined, 'OUR CA'],
    [`${QUERY}/api/v1/query`, undefined, 'OUR CA'],
  ]);
  for (const request of requests) expect(request.headers).toMatchObject(headers);
});

test.each<[number | Error, string, string]>([
  [new Error('connect ECONNREFUSED'), 'does not respond: connect ECONNREFUSED', 'check write.url'],
  [
    404,
    'responds with status 404, so the path is probably wrong',
    'such as https://store.example.com/api/v1/push',
  ],
  [503, 'responds with status 503', 'see the logs of the store'],
])('an address that answers %s has a remedy', async (answer, message, remedy) => {
  const { found } = await run(check, () => answer);
  expect(found[0]).toMatchObject({
    verdict: answer === 503 ? 'warning' : 'problem',
    message: expect.stringContaining(message),
    remedy: expect.stringContaining(remedy),
  });
});

test('a store that requires a password, without one in the settings, is a problem', async () => {
  const { found } = await run(check, () => 401, { write: { url: WRITE }, query: { url: QUERY } });
  expect(found[0]).toMatchObject({
    verdict: 'problem',
    remedy: 'set write.credentialsSecretName or write.headers of remoteStore()',
  });
});

test('of an address within the cluster, the Service must exist', async () => {
  const store = {
    write: { url: 'http://mimir.mimir.svc/api/v1/push' },
    query: { url: 'http://mimir.mimir.svc/prometheus' },
  };
  const none = await run(check, () => 200, store, { answers: { 'get service mimir --namespace mimir': '' } });
  expect(none.found[0]).toMatchObject({
    verdict: 'problem',
    message: 'the Service mimir/mimir does not exist',
  });
  const answers = { 'get service mimir --namespace mimir': JSON.stringify({ metadata: { name: 'mimir' } }) };
  const there = await run(check, () => 200, store, { answers });
  expect(there.found.map(({ verdict }) => verdict)).toEqual(['ok', 'ok']);
  expect(there.requests).toEqual([]);
});

test('with --push, each address accepts the password of its Secret, or says which Secret it refuses', async () => {
  const accepted = await run(remoteStoreLogins, () => 200);
  expect(accepted.found.map(({ message }) => message)).toEqual([
    `${WRITE} accepts the password`,
    `${QUERY} accepts the password`,
  ]);
  expect(accepted.requests.map(({ auth }) => auth)).toEqual(['writer:a-password', 'reader:a-password']);
  const refused = await run(remoteStoreLogins, ({ url }) => (url === WRITE ? 401 : 200));
  expect(refused.found[0]).toMatchObject({
    verdict: 'problem',
    message: `${WRITE} responds with status 401 to the password in the Secret monitoring/writer`,
  });
  expect(JSON.stringify([accepted.found, refused.found])).not.toContain('a-password');
});

test('with --push, an address without a Secret has no finding about a password', async () => {
  const store = { write: { url: WRITE }, query: { url: QUERY } };
  for (const status of [200, 401]) {
    const { found } = await run(remoteStoreLogins, () => status, store);
    expect(JSON.stringify(found)).not.toMatch(/password|undefined/);
  }
});

test.each([
  ['1h', 'problem', 'has the out-of-order window 1h, but the gateway sends samples that are up to 7200s old'],
  ['3h', 'ok', 'accepts samples that are up to 3h old'],
  [undefined, 'problem', 'has the out-of-order window 0s'],
] as const)(
  'a Prometheus with the window %s is compared with that of the gateway',
  async (window, verdict, message) => {
    const store = { ...STORE, write: { ...STORE.write, outOfOrderWindow: '2h' } } as const;
    const config = window ? `storage:\n  tsdb:\n    out_of_order_time_window: ${window}\n` : 'global: {}\n';
    const { found } = await run(remoteStoreLogins, () => 200, store, { config });
    expect(found[2]).toMatchObject({ verdict, message: expect.stringContaining(message) });
  },
);
