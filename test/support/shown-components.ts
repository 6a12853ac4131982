import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { stringify } from 'yaml';
import { CloudChart, EdgeChart, type Settings, victoriaMetricsCluster } from '../../lib';
import { bundleProgram } from '../../scripts/bundle-program.cjs';
import type { Manifest } from './manifests';
import { allSettings, minimalSettings } from './settings';

/**
 * Components whose snapshots are shown together, by the value of their component label. A component includes its groups
 * and shards.
 */
const COMPONENTS = {
  alertmanager: /^alertmanager$/,
  'edge-log-collector': /^edge-log-collector(-|$)/,
  'edge-metrics-agent': /^edge-metrics-agent(-|$)/,
  'edge-node-exporter': /^edge-node-exporter(-|$)/,
  grafana: /^grafana$/,
  ingress: /^(push|logs)(-guard)?$|-acme-challenge$/,
  'kube-state-metrics': /^kube-state-metrics$/,
  'log-collector': /^log-collector$/,
  loki: /^loki$/,
  'metrics-gateway': /^metrics-gateway$/,
  'node-exporter': /^node-exporter$/,
  prometheus: /^prometheus$/,
  pushgateway: /^pushgateway(-|$)/,
  'victoria-metrics': /^(vm(insert|select|storage)|metrics-(scraper|rules))$/,
};

export type ShownComponent = keyof typeof COMPONENTS | 'others';

const ENVIRONMENTS: readonly (readonly [string, Settings])[] = [
  ['nothing but what must be said', minimalSettings],
  ['every setting', allSettings],
  ['remote write', { ...minimalSettings, edge: { transport: 'remote-write' } }],
];

/** An environment with the VictoriaMetrics cluster, which other environments do not have. */
const WITH_CLUSTER: (typeof ENVIRONMENTS)[number] = [
  'a VictoriaMetrics cluster',
  { ...minimalSettings, edge: { transport: 'remote-write' }, metricsStore: victoriaMetricsCluster() },
];

/**
 * Returns whether an object is part of a snapshot. The rules of the VictoriaMetrics cluster are not, because the
 * snapshot of Prometheus shows the same rules.
 */
const isShown = ({ metadata }: Manifest): boolean => metadata.name !== 'metrics-rules-rules';

/** Returns the objects of an environment with these settings. */
function synthesizeObjects(settings: Settings): Manifest[] {
  const app = new App();
  const cloud = new CloudChart(app, 'cloud', { settings });
  const edge = new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
  return [...cloud.toJson(), ...edge.toJson()];
}

/** Returns the component of an object. Namespaces and objects without a component label are `others`. */
function componentName({ metadata }: Manifest): string {
  const name = metadata.labels?.['app.kubernetes.io/name'] ?? '';
  const [component = 'others'] = Object.entries(COMPONENTS).find(([, names]) => names.test(name)) ?? [];
  return component;
}

/**
 * Names of the programs that ConfigMaps contain, by their text. Snapshots show the name only, because the program
 * itself is a file in lib.
 */
const PROGRAMS = new Map<string, string>(
  readdirSync('lib', { recursive: true, encoding: 'utf8' })
    .map((name) => join('lib', name).replaceAll('\\', '/'))
    .flatMap((name): [string, string][] => {
      if (name.endsWith('/main.mjs')) return [[bundleProgram(name), `${name}, bundled\n`]];
      if (!name.endsWith('.lua')) return [];
      return [[readFileSync(name, 'utf8').replaceAll('\r\n', '\n'), `${name}, as it is\n`]];
    }),
);

/** Replaces the text of a program by the name of its file in lib. Returns other values unchanged. */
const replacePrograms = (_: unknown, value: unknown): unknown =>
  typeof value === 'string' ? (PROGRAMS.get(value) ?? value) : value;

/**
 * Renders objects as YAML, sorted by kind and name like the files in dist/, so that the order of creation does not
 * matter.
 */
function objectsText(objects: readonly Manifest[]): string {
  const sortKey = ({ kind, metadata }: Manifest) => `${kind} ${metadata.namespace}/${metadata.name}`;
  return [...objects]
    .sort((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1))
    .map((object) => stringify(object, replacePrograms, { lineWidth: 0 }))
    .join('---\n');
}

let environments: (readonly [name: string, objects: Manifest[]])[] | undefined;

/**
 * Returns the objects of a component as text, for each environment that has the component. The environments are
 * synthesized once.
 */
export function componentText(component: ShownComponent): [environment: string, text: string][] {
  environments ??= ENVIRONMENTS.map(([name, settings]) => [name, synthesizeObjects(settings)]);
  const [name, settings] = WITH_CLUSTER;
  const all =
    component === 'victoria-metrics'
      ? [...environments, [name, synthesizeObjects(settings)] as const]
      : environments;
  return all.flatMap(([name, objects]): [string, string][] => {
    const own = objects.filter((object) => componentName(object) === component && isShown(object));
    return own.length ? [[name, objectsText(own)]] : [];
  });
}
