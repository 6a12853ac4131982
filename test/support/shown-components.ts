import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { stringify } from 'yaml';
import { CloudChart, EdgeChart, type Settings, victoriaMetricsCluster } from '../../lib';
import { bundleProgram } from '../../scripts/bundle-program.cjs';
import type { Manifest } from './manifests';
import { everything, least } from './settings';

/**
 * Components whose objects are shown together, by the name in their label: their own, and those of their groups and
 * shards.
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
  ['nothing but what must be said', least],
  ['every setting', everything],
  ['remote write', { ...least, edge: { transport: 'remote-write' } }],
];

/** The environment with the store that others do not have. */
const WITH_CLUSTER: (typeof ENVIRONMENTS)[number] = [
  'a VictoriaMetrics cluster',
  { ...least, edge: { transport: 'remote-write' }, metricsStore: victoriaMetricsCluster() },
];

/** Rules are shown with Prometheus. */
const isShown = ({ metadata }: Manifest): boolean => metadata.name !== 'metrics-rules-rules';

/** The objects of an environment. */
function synthesizeObjects(settings: Settings): Manifest[] {
  const app = new App();
  const cloud = new CloudChart(app, 'cloud', { settings });
  const edge = new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
  return [...cloud.toJson(), ...edge.toJson()];
}

/** Returns the component of an object; `others` are namespaces and objects without a component. */
function componentName({ metadata }: Manifest): string {
  const name = metadata.labels?.['app.kubernetes.io/name'] ?? '';
  const [component = 'others'] = Object.entries(COMPONENTS).find(([, names]) => names.test(name)) ?? [];
  return component;
}

/** The programs that ConfigMaps ship, by their text: files of lib that are reviewed themselves. */
const PROGRAMS = new Map<string, string>(
  readdirSync('lib', { recursive: true, encoding: 'utf8' })
    .map((name) => join('lib', name).replaceAll('\\', '/'))
    .flatMap((name): [string, string][] => {
      if (name.endsWith('/main.mjs')) return [[bundleProgram(name), `${name}, bundled\n`]];
      if (!name.endsWith('.lua')) return [];
      return [[readFileSync(name, 'utf8').replaceAll('\r\n', '\n'), `${name}, as it is\n`]];
    }),
);

/** Replaces programs that have the same text in lib. */
const replacePrograms = (_: unknown, value: unknown): unknown =>
  typeof value === 'string' ? (PROGRAMS.get(value) ?? value) : value;

/** As the files of dist/ are, by kind and name: the order in which objects are made is no matter. */
function objectsText(objects: readonly Manifest[]): string {
  const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.namespace}/${metadata.name}`;
  return [...objects]
    .sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))
    .map((object) => stringify(object, replacePrograms, { lineWidth: 0 }))
    .join('---\n');
}

let environments: (readonly [name: string, objects: Manifest[]])[] | undefined;

/** The objects of a component as text, in each environment that has it. The environments are made once. */
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
