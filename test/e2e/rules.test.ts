import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { parse, stringify } from 'yaml';
import {
  CloudChart,
  nodeCertificate,
  prometheusOperator,
  proxy,
  type Settings,
  victoriaMetricsCluster,
} from '../../lib';
import { RUNBOOKS } from '../../lib/core/rule-set';
import { syntaxProblem } from '../../lib/core/rule-syntax';
import { NOT_OF_PROMTOOL, remoteWriteCases } from '../edge/remote-write.rules.cases';
import { tryRun } from '../runtime/programs';
import { fleetDist, referenceDist } from '../stacks/reference-stack';
import { allAlerts, allCases } from '../support/all-rules';
import { findOnly, loadManifests, type Manifest } from '../support/manifests';
import { NODE_CA } from '../support/node-ca';
import { callVariants, grammarNames, WRITTEN } from '../support/promql-cases';
import { type AlertCases, asRemoteWriteCase, promtoolTests } from '../support/rule-cases';
import { least } from '../support/settings';

/** Groups that others read: which nodes are heard of, and which components are down. */
const SHARED = ['edge-membership', 'edge-reachability', 'stack'];

const pushed: AlertCases = Object.assign({}, ...Object.values(allCases));
const written: AlertCases = {
  ...Object.fromEntries(Object.entries(pushed).map(([name, one]) => [name, asRemoteWriteCase(one)])),
  ...remoteWriteCases,
};

/** Rule files of an environment, by the name of their group: those of a ConfigMap, or PrometheusRules. */
function rulesIn(objects: readonly Manifest[], name: string): Record<string, string> {
  if (name === 'PrometheusRule') {
    const groups = objects.flatMap(({ kind, spec }) => (kind === name ? spec.groups : []));
    return Object.fromEntries(groups.map((group) => [group.name, stringify({ groups: [group] })]));
  }
  const { data } = findOnly(objects, 'ConfigMap', name);
  return Object.fromEntries(
    Object.entries(data as Record<string, string>).map(([file, text]) => [file.replace('.yaml', ''), text]),
  );
}

interface Environment {
  readonly name: string;
  readonly prometheus: Readonly<Record<string, string>>;
  /** Rule files of Prometheus, and those of Loki in PromQL. */
  readonly files: Readonly<Record<string, string>>;
  /** The rule file of each alert. */
  readonly groups: ReadonlyMap<string, string>;
  readonly cases: AlertCases;
}

/** An environment of what neither of the examples has. */
function unlikeExamples(): Manifest[] {
  const settings = {
    ...least,
    edge: { transport: 'remote-write' },
    hostProbe: {},
    ingress: {
      controller: proxy({ namespace: 'ingress', tlsPassthrough: true }),
      authentication: nodeCertificate({ ca: NODE_CA }),
    },
    metricsStore: victoriaMetricsCluster(),
  } as const;
  return new CloudChart(new App(), 'cloud', { settings }).toJson();
}

/** An environment whose rules read only the cluster of the cases. */
function withOperator(): Manifest[] {
  const settings: Settings = {
    ...least,
    cluster: 'c',
    edge: { transport: 'remote-write' },
    metricsStore: prometheusOperator({ namespace: 'kps', labels: { release: 'kps' } }),
  };
  return new CloudChart(new App(), 'cloud', { settings }).toJson();
}

const environments: Environment[] = [
  environment('reference', loadManifests(join(referenceDist(), 'cloud')), pushed),
  environment('fleet', loadManifests(join(fleetDist(), 'cloud')), written),
];
environments.push(withNewAlerts(environment('another', unlikeExamples(), written, 'metrics-rules-rules')));
// One alert of each way to compare series shows that the label that is added to all selectors changes nothing.
const COMPARED = ['EdgeNodeSilent', 'EdgeServiceSilent', 'EdgeUplinkOverBudget', 'MetricsGatewayRefusing'];
environments.push(
  withNewAlerts(environment('operator', withOperator(), written, 'PrometheusRule'), COMPARED),
);

/** The environment with those alerts alone that the others lack, and these. */
function withNewAlerts({ groups, ...environment }: Environment, more: readonly string[] = []): Environment {
  const isNew = (alert: string) =>
    more.includes(alert) || !environments.some((other) => other.groups.has(alert));
  return { ...environment, groups: new Map([...groups].filter(([alert]) => isNew(alert))) };
}

function environment(
  name: string,
  objects: readonly Manifest[],
  cases: AlertCases,
  rules = 'prometheus-rules',
): Environment {
  const prometheus = rulesIn(objects, rules);
  const files = { ...prometheus, ...mapped(rulesIn(objects, 'loki-rules'), countedAhead) };
  const groups = new Map(
    Object.entries(files).flatMap(([group, text]) => alertsIn(text).map((alert) => [alert, group] as const)),
  );
  return { name, prometheus, files, groups, cases };
}

/** What shows an alert of an environment: its rules, and what is told to them. */
function shownBy({ files, groups, cases }: Environment, alert: string): string {
  return JSON.stringify([files[groups.get(alert) ?? ''], cases[alert]]);
}

/** Its alerts but those that an earlier environment has shown by the very same. */
function ownAlerts(environment: Environment): string[] {
  const earlier = environments.slice(0, environments.indexOf(environment));
  return [...environment.groups.keys()].filter(
    (alert) =>
      !(environment.cases === written && alert in NOT_OF_PROMTOOL) &&
      !earlier.some((other) => shownBy(other, alert) === shownBy(environment, alert)),
  );
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rules-'));
  for (const { name, files } of environments) {
    mkdirSync(join(folder, name));
    for (const [group, text] of Object.entries(files)) writeFileSync(fileOf(name, group), text);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (environment: string, group: string) => join(folder, environment, `${group}.yaml`);

describe.each(environments)('the rules of $name', (environment) => {
  const { name, prometheus, groups, cases } = environment;

  test('are rules for promtool', async () => {
    const paths = Object.keys(prometheus).map((group) => fileOf(name, group));
    expect(await promtool('check', 'rules', '--lint=all', '--lint-fatal', ...paths)).toBe('');
  });

  test.each(ownAlerts(environment))('%s is quiet, fires and is over', async (alert) => {
    const rules = [...new Set([...SHARED, groups.get(alert) ?? ''])].map((one) => fileOf(name, one));
    const tests = join(folder, name, `${alert}.tests.yaml`);
    writeFileSync(
      tests,
      promtoolTests({ [alert]: cases[alert] as AlertCases[string] }, allAlerts, rules, RUNBOOKS),
    );
    expect(await promtool('test', 'rules', tests)).toBe('');
  });
});

test('every alert is in one of the environments', () => {
  const tested = environments.flatMap(({ groups }) => [...groups.keys()]);
  expect(allAlerts.map(({ alert }) => alert).filter((alert) => !tested.includes(alert))).toEqual([]);
});

test('an expression that promtool refuses is refused at synthesis, and no other', async () => {
  const expressions = [...WRITTEN, ...grammarNames().flatMap(callVariants)];
  const groups = expressions.map((expr, index) => ({ name: `${index}`, rules: [{ record: 'a:b:c', expr }] }));
  const file = join(folder, 'expressions.json');
  writeFileSync(file, JSON.stringify({ groups }));
  const complaints = [
    ...(await promtool('check', 'rules', '--lint=none', file)).matchAll(
      /group "(\d+)".*could not parse expression: (.*)/g,
    ),
  ];
  const refused = new Map(complaints.map(([, index, why = '']) => [Number(index), why]));
  expect(refused.size).toBeGreaterThan(1_000);
  const differences = expressions.filter((expr, index) => {
    const problem = syntaxProblem('PromQL', expr);
    const why = refused.get(index);
    // Debian's promtool is older than the functions, and takes results that no rule can have.
    const isOther = why?.includes('unknown function') || problem?.startsWith('the result is');
    return !isOther && (problem === undefined) !== (why === undefined);
  });
  expect(differences).toEqual([]);
});

function alertsIn(text: string): string[] {
  const { groups } = parse(text) as { groups: { rules: { alert?: string }[] }[] };
  return groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []));
}

function mapped(
  files: Readonly<Record<string, string>>,
  change: (text: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, change(text)]));
}

/** What promtool complains of; nothing where it succeeds. */
async function promtool(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await tryRun('promtool', args);
  return code === 0 ? '' : `${stdout}${stderr}`;
}

/**
 * Rules of Loki with lines that were counted ahead: no Loki can be run here, and around its selectors LogQL
 * calculates as PromQL does.
 */
function countedAhead(text: string): string {
  return text
    .replaceAll(/ \|(?:~| regexp) "(?:[^"\\]|\\.)*"/g, '')
    .replaceAll('bytes_over_time({', 'sum_over_time(log_bytes{')
    .replaceAll('count_over_time({', 'sum_over_time(log_lines{');
}
