import { collectAnswers } from '../../../lib/tools/init/collect-answers';
import type { Answers } from '../../../lib/tools/init/questions';
import { UsageError } from '../../../lib/tools/process/usage-error';

const NEEDED: Answers = {
  name: 'north',
  metricsHost: 'push.example.com',
  logsHost: 'logs.example.com',
  nodes: '40',
};

/** Creates a user that types these lines, one for each question. */
function typingUser(...lines: string[]) {
  const asked: string[] = [];
  const ask = async (text: string) => {
    asked.push(text);
    const line = lines.shift();
    if (line === undefined) throw new Error(`nothing is said to: ${text}`);
    return line;
  };
  return { asked, ask };
}

function collect(given: Answers, ask?: (text: string) => Promise<string>) {
  const said: string[] = [];
  const found = collectAnswers({
    given,
    ask,
    printMessage: (text) => said.push(text),
    checkAnswer: () => undefined,
  });
  return { found, said };
}

test('what is needed is enough: nobody is asked for the rest', async () => {
  const { asked, ask } = typingUser();
  expect(await collect(NEEDED, ask).found).toEqual({
    ...NEEDED,
    transport: 'pushgateway',
    controller: 'ingress-nginx',
    controllerNamespace: 'ingress-nginx',
    clusterIssuer: undefined,
    grafanaHost: undefined,
    namespace: 'monitoring',
    storageClass: undefined,
  });
  expect(asked).toEqual([]);
});

test.each([
  ['99', 'pushgateway'],
  ['100', 'remote-write'],
])('the metrics of %s nodes travel by %s, unless somebody says otherwise', async (nodes, transport) => {
  expect(await collect({ ...NEEDED, nodes }).found).toMatchObject({ transport });
});

test('where nobody can be asked, one message names all that is missing', async () => {
  const { found } = collect({ name: 'north', controller: 'proxy' });
  await expect(found).rejects.toThrow(UsageError);
  await expect(found).rejects.toThrow(
    /^these options are required, because standard input is not a terminal on which init could ask questions:\n {2}--metrics-host=VALUE .*\n {2}--logs-host=VALUE .*\n {2}--nodes=VALUE .*\n {2}--controller-namespace=VALUE .*$/,
  );
});

test('all that is wrong with options is said at once, before anybody is asked', async () => {
  const { asked, ask } = typingUser();
  const { found } = collect({ metricsHost: 'https://push', nodes: '0', controller: 'apache' }, ask);
  await expect(found).rejects.toThrow(
    /--metrics-host is "https:\/\/push"; allowed: .*; --nodes is "0"; allowed: a whole number from 1 to 100000; --controller is "apache"; allowed: .*envoy-gateway/,
  );
  expect(asked).toEqual([]);
});

test('the two hosts that the edge pushes to are different ones', async () => {
  const { found } = collect({ ...NEEDED, logsHost: 'push.example.com' });
  await expect(found).rejects.toThrow('other than the host for metrics');
});

test('somebody is asked for all that was not given, and again after what is not allowed', async () => {
  const hosts = ['push.example.com', 'push.example.com', 'logs.example.com'];
  const { asked, ask } = typingUser(
    'North',
    'north',
    ...hosts,
    'many',
    '250',
    '',
    'traefik',
    '',
    '',
    '',
    'fast',
  );
  const { found, said } = collect({ namespace: 'observability' }, ask);
  expect(await found).toMatchObject({
    name: 'north',
    logsHost: 'logs.example.com',
    nodes: '250',
    controllerNamespace: 'traefik',
    namespace: 'observability',
    storageClass: 'fast',
  });
  expect(asked.filter((text) => text.startsWith('number of edge nodes'))).toHaveLength(2);
  expect(said).toEqual([
    expect.stringContaining('"North" is not allowed; allowed: up to 63 lower-case letters'),
    expect.stringContaining('other than the host for metrics'),
    expect.stringContaining('"many" is not allowed; allowed: a whole number from 1 to 100000'),
  ]);
});

test('what follows from an answer follows from what was said', async () => {
  const { asked, ask } = typingUser(
    'push.example.com',
    'logs.example.com',
    '250',
    '',
    'proxy',
    '',
    'haproxy',
    '',
    '',
    '',
    '',
  );
  const { found, said } = collect({ name: 'north' }, ask);
  expect(await found).toMatchObject({
    transport: 'remote-write',
    controllerNamespace: 'haproxy',
    storageClass: undefined,
  });
  expect(asked[3]).toContain('[remote-write]: ');
  expect(said).toEqual([expect.stringContaining('a value is required; allowed')]);
});
