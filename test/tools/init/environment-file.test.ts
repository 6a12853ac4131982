import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as lib from '../../../lib';
import { collectAnswers } from '../../../lib/tools/init/collect-answers';
import { environmentConstantName, renderEnvironmentFile } from '../../../lib/tools/init/environment-file';
import type { Answers } from '../../../lib/tools/init/questions';
import { renderEnvironments } from '../../../lib/tools/synthesis/synthesize';
import packageJson from '../../../package.json';
import { executeSource, runProgram, typeErrors } from '../../support/typescript';

const NEEDED: Answers = { metricsHost: 'push.example.com', logsHost: 'logs.example.com', nodes: '40' };

const EVERYTHING: Answers = {
  ...NEEDED,
  transport: 'remote-write',
  controller: 'proxy',
  controllerNamespace: 'haproxy',
  clusterIssuer: 'letsencrypt',
  grafanaHost: 'grafana.example.com',
  namespace: 'observability',
  storageClass: 'fast',
};

/** Texts of the rendered files, by the name of the environment. */
const CASES: Record<string, Answers> = {
  least: NEEDED,
  everything: EVERYTHING,
  traefik: { ...NEEDED, controller: 'traefik' },
  'north-1': { ...NEEDED, controller: 'envoy-gateway', clusterIssuer: 'letsencrypt' },
  large: { ...NEEDED, nodes: '5000' },
  1: { ...NEEDED, nodes: '400', transport: 'pushgateway' },
};

const files = new Map<string, string>();
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'init-'));
  mkdirSync(join(folder, 'environments'));
  for (const [name, given] of Object.entries(CASES)) {
    const answers = await collectAnswers({
      given: { name, ...given },
      printMessage: () => undefined,
      checkAnswer: () => undefined,
    });
    files.set(name, renderEnvironmentFile(answers, packageJson.name));
    writeFileSync(join(folder, 'environments', `${name}.ts`), files.get(name) ?? '');
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

test('it has right types', () => {
  expect(typeErrors(folder)).toBe('');
});

test('it is as the formatter and the linter want it', () => {
  // Biome reads every file below its configuration, which here are those that are checked.
  copyFileSync('biome.json', join(folder, 'biome.json'));
  const options = ['check', '--error-on-warnings', '--vcs-enabled=false', '--config-path', folder];
  expect(runProgram('node_modules/.bin/biome', ...options, join(folder, 'environments'))).toMatch(
    /^Checked 6 files .*No fixes applied\.\n$/,
  );
});

test.each(Object.keys(CASES))('it synthesizes: %s', (name) => {
  const environment = executeSource(files.get(name) ?? '', () => lib)[environmentConstantName(name)];
  const [{ objects } = { objects: [] }] = renderEnvironments({ [name]: environment as never });
  const named = (kind: string) =>
    objects.filter(({ manifest }) => manifest.kind === kind).map(({ manifest }) => manifest.metadata.name);
  const { namespace = 'monitoring', transport } = CASES[name] ?? {};
  expect(named('Namespace')).toEqual(
    expect.arrayContaining([namespace, `${namespace}-nodes`, `${namespace}-edge`]),
  );
  const isRemote = transport === 'remote-write' || name === 'large';
  expect(named('DaemonSet').includes('edge-metrics-agent')).toBe(isRemote);
  const text = JSON.stringify(objects.map(({ manifest }) => manifest));
  for (const host of ['push.example.com', 'logs.example.com']) expect(text).toContain(host);
});

test('it says what was answered, and nothing of what was not', () => {
  expect(
    files.get('everything'),
  ).toBe(`import { CloudChart, EdgeChart, type Environment, proxy, type Settings } from 'cdk8s-edge-observability';

const settings: Settings = {
  cluster: 'everything',
  hosts: {
    metrics: 'push.example.com',
    logs: 'logs.example.com',
    grafana: 'grafana.example.com',
  },
  namespaces: {
    cloud: 'observability',
    nodes: 'observability-nodes',
    edge: 'observability-edge',
  },
  storage: {
    className: 'fast',
  },
  ingress: {
    controller: proxy({ namespace: 'haproxy' }),
    tls: {
      clusterIssuer: 'letsencrypt',
    },
  },
  edge: {
    transport: 'remote-write',
    fleet: {
      nodes: 40,
      // Assumed log volume of a node per day. It determines the size of Loki.
      logs: '10Mi',
    },
  },
};

export const everything: Environment = (app) => {
  const { sinks, logs } = new CloudChart(app, 'cloud', { settings });
  new EdgeChart(app, 'edge', { settings, metrics: sinks, logs });
};
`);
  expect(files.get('least')).not.toMatch(/grafana|className|tls/);
});

test.each([
  ['north', 'north'],
  ['north-1a', 'north_1a'],
  ['a-b-c', 'aBC'],
  ['a--b', 'a_B'],
  ['default', '_default'],
  ['await', '_await'],
  ['proxy', '_proxy'],
  ['settings', '_settings'],
  ['undefined', '_undefined'],
  ['1', '_1'],
])('an environment named %s is the constant %s', (name, constant) => {
  expect(environmentConstantName(name)).toBe(constant);
});

test('no two environments share a constant, of which main.ts would hand one to both', () => {
  const names = [
    'site-1',
    'site1',
    'site-a',
    'site--a',
    'run',
    'environment-run',
    '1',
    'environment-1',
    'environment1',
  ];
  expect(new Set(names.map(environmentConstantName)).size).toBe(names.length);
});
