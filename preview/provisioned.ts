import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Dashboard } from './grafana/model';

/** Dashboards and data source settings that manifests provision to Grafana. */
export interface Provisioned {
  /**
   * Dashboards in order: this project's dashboards from the fleet down to its parts, then your own dashboards by title.
   */
  readonly dashboards: readonly Dashboard[];
  /** Scrape interval of the Prometheus data source, such as `30s`. */
  readonly scrapeInterval: string;
}

/** Grafana's default scrape interval, for a data source without an interval. */
const DEFAULT_INTERVAL = '15s';

const ORDER = [
  'edge-fleet',
  'edge-node',
  'edge-pods',
  'edge-pushes',
  'edge-logs',
  'edge-stack',
  'edge-capacity',
];

/**
 * Reads dashboards from the ConfigMaps in a folder of manifests, as Grafana reads them.
 * @throws Error if the folder contains no dashboards
 */
export function readProvisioned(folder: string): Provisioned {
  const files = readConfigMaps(folder).flatMap(({ data = {} }) => Object.entries(data));
  const dashboards = files.filter(([name]) => name.endsWith('.json')).map(([, text]) => JSON.parse(text));
  const shown = dashboards.filter(({ uid, panels }) => uid && Array.isArray(panels)) as Dashboard[];
  if (!shown.length)
    throw new Error(`${folder} contains no dashboards: choose a folder that npm run synth wrote`);
  return {
    dashboards: shown.sort((a, b) => dashboardOrder(a) - dashboardOrder(b) || a.title.localeCompare(b.title)),
    scrapeInterval: scrapeIntervalOf(files) ?? DEFAULT_INTERVAL,
  };
}

const dashboardOrder = ({ uid }: Dashboard): number =>
  ORDER.includes(uid) ? ORDER.indexOf(uid) : ORDER.length;

function scrapeIntervalOf(files: readonly (readonly [string, string])[]): string | undefined {
  const sources = files
    .filter(([name]) => name === 'datasources.yaml')
    .flatMap(([, text]) => parse(text).datasources);
  return sources.find(({ type }) => type === 'prometheus')?.jsonData?.timeInterval;
}

interface ConfigMap {
  readonly kind?: string;
  readonly data?: Readonly<Record<string, string>>;
}

function readConfigMaps(folder: string): ConfigMap[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return readConfigMaps(path);
    if (!/\.ya?ml$/.test(entry.name)) return [];
    const text = readFileSync(path, 'utf8');
    return /^kind: "?ConfigMap/m.test(text) || text.includes('"ConfigMap"') ? [parse(text) as ConfigMap] : [];
  });
}
