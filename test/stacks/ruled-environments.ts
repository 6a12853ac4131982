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
import { remoteWriteCases } from '../edge/remote-write.rules.cases';
import { allCases } from '../support/all-rules';
import { findOnly, loadManifests, type Manifest } from '../support/manifests';
import { NODE_CA } from '../support/node-ca';
import { type AlertCases, asRemoteWriteCase } from '../support/rule-cases';
import { minimalSettings } from '../support/settings';
import { fleetDist, referenceDist } from './reference-stack';

/** Cases of nodes that push. */
const pushed: AlertCases = Object.assign({}, ...Object.values(allCases));
/** Cases of nodes that write remotely. */
export const written: AlertCases = {
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

/** Rules of an environment, and what its alerts do with given series. */
export interface RuledEnvironment {
  readonly name: string;
  /** Manifests of the cloud side. */
  readonly objects: readonly Manifest[];
  /** Rule files in PromQL. */
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
    ...minimalSettings,
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
    ...minimalSettings,
    cluster: 'c',
    edge: { transport: 'remote-write' },
    metricsStore: prometheusOperator({ namespace: 'kps', labels: { release: 'kps' } }),
  };
  return new CloudChart(new App(), 'cloud', { settings }).toJson();
}

/** The environments whose rules are run: together they have every alert. */
export const environments: RuledEnvironment[] = [
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
function withNewAlerts(
  { groups, ...environment }: RuledEnvironment,
  more: readonly string[] = [],
): RuledEnvironment {
  const isNew = (alert: string) =>
    more.includes(alert) || !environments.some((other) => other.groups.has(alert));
  return { ...environment, groups: new Map([...groups].filter(([alert]) => isNew(alert))) };
}

function environment(
  name: string,
  objects: readonly Manifest[],
  cases: AlertCases,
  rules = 'prometheus-rules',
): RuledEnvironment {
  const prometheus = rulesIn(objects, rules);
  const files = { ...prometheus, ...mapped(rulesIn(objects, 'loki-rules'), countedAhead) };
  const groups = new Map(
    Object.entries(files).flatMap(([group, text]) => alertsIn(text).map((alert) => [alert, group] as const)),
  );
  return { name, objects, prometheus, files, groups, cases };
}

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
