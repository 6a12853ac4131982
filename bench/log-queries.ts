/**
 * Measures what rules and panels about log lines of a large fleet need from Loki: seconds of each, first and again, or
 * a timeout, and peak memory. First, a day of lines of each node is pushed to Loki, as the tenant of a group.
 *
 *   E2E_LOKI=... npm run bench:log-queries [-- --nodes 5000 --containers 8 --lines 2]
 *
 * Needs the programs of the end-to-end tests.
 */
import { parse } from 'yaml';
import { RELOADER } from '../lib/agents/config-reloader';
import { yaml } from '../lib/core/yaml';
import { logRules } from '../lib/edge/log-collector/rules';
import { Cluster } from '../test/runtime/cluster';
import { eventually } from '../test/runtime/wait';
import { panelQueries } from '../test/stacks/group-logs';
import { type LokiClient, startLoki } from '../test/stacks/loki-client';
import { container, makeLoki } from '../test/stacks/loki-objects';
import type { Manifest } from '../test/support/manifests';
import { synthesizeChart } from '../test/support/synthesize';
import { parseArguments, parseWholeNumber, runOnPods, Table } from './support/main';

const HOURS = 24;
/** Hours that panels show. */
const RANGES = [1, 6];
const SILENT_HOURS = 8;
const HOUR_MS = 3_600_000;
const NODES_IN_A_PUSH = 500;
const LINE = 'level=info msg="request handled" path=/api/v1/orders status=200 '.padEnd(136, 'x');

const options = parseArguments({
  nodes: { type: 'string', default: '5000' },
  containers: { type: 'string', default: '8' },
  lines: { type: 'string', default: '2' },
});
const nodes = parseWholeNumber('nodes', options.nodes);
const containers = parseWholeNumber('containers', options.containers);
const lines = parseWholeNumber('lines', options.lines);

/** Loki for such a fleet, which accepts the lines of a whole day at once. */
function synthesizeLoki(): { objects: Manifest[]; readers?: string } {
  let readers: string | undefined;
  const all = synthesizeChart((chart) => {
    const limits = { streams: nodes * 120, ingestionRate: '1Gi', querySeries: 2 * nodes } as const;
    const resources = { cpu: '1', memory: '4Gi', memoryLimit: '4Gi' } as const;
    const loki = makeLoki(chart, { limits, resources, multiTenancy: {} }, ['north', 'south']);
    readers = loki.dataSource.secureJsonData?.httpHeaderValue1;
  });
  return { objects: all.map(acceptOutOfOrder), readers };
}

/** The lines of each stream arrive in order: none is late, and a stream has no shards. */
function acceptOutOfOrder(object: Manifest): Manifest {
  if (object.kind === 'ConfigMap' && object.metadata.name === 'loki-rules') return evaluateOften(object);
  if (object.kind !== 'ConfigMap' || object.metadata.name !== 'loki-config') return object;
  const { 'loki.yaml': text = '', ...others } = object.data ?? {};
  const settings = parse(text);
  settings.limits_config.shard_streams.time_sharding_enabled = false;
  return { ...object, data: { ...others, 'loki.yaml': yaml(settings) } };
}

/** The hourly line of the reloader beside the log agent. */
const reloaderStream = (node: number, from: number): object => ({
  stream: container(`edge-${node}`, RELOADER),
  values: [[`${BigInt(from) * 1_000_000n}`, 'watching /etc/log-agent/config']],
});

/** Lines of the containers of a node within an hour. */
function streamsOfHour(node: number, from: number): object[] {
  return Array.from({ length: containers }, (_, name) => ({
    stream: container(`edge-${node}`, `app-${name}`),
    values: Array.from({ length: lines }, (_, line) => [
      `${BigInt(from + Math.floor(((line + 0.5) * HOUR_MS) / lines)) * 1_000_000n}`,
      `${LINE}${line}`,
    ]),
  }));
}

/** Each group of rules is evaluated once a minute. */
function evaluateOften(object: Manifest): Manifest {
  const rules = Object.entries(object.data ?? {}).map(([file, text]) => [
    file,
    `${text}`.replaceAll(/interval: \d+m/g, 'interval: 1m'),
  ]);
  return { ...object, data: Object.fromEntries(rules) };
}

/** Pushes the lines of a day; every hundredth node has none in the last hours. */
async function fillLoki(loki: LokiClient): Promise<void> {
  const now = Date.now();
  for (let hour = HOURS; hour > 0; hour -= 1) {
    const sending = Array.from({ length: nodes }, (_, node) => node).filter(
      (node) => hour > SILENT_HOURS || node % 100 > 0,
    );
    for (let first = 0; first < sending.length; first += NODES_IN_A_PUSH) {
      const some = sending.slice(first, first + NODES_IN_A_PUSH);
      const from = now - hour * HOUR_MS;
      const lines = some.flatMap((node) => [reloaderStream(node, from), ...streamsOfHour(node, from)]);
      // On a busy machine Loki may time out; duplicates of stored lines are dropped.
      await eventually('the push is stored', async () => (await loki.push(...lines)).status === 204, {
        seconds: 120,
        pauseMs: 2_000,
      });
    }
    // The time for which Loki keeps a chunk.
    if (hour % 2 === 1) await loki.ask('/flush', '');
  }
}

interface EvaluatedRule {
  readonly name: string;
  readonly health: string;
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
}

/** Returns the rules after the ruler has evaluated each of them once more. */
async function waitForEvaluation(loki: LokiClient): Promise<EvaluatedRule[]> {
  const since = Date.now();
  return eventually(
    'the ruler evaluates each rule',
    async () => {
      const { body } = await loki.ask('/prometheus/api/v1/rules');
      const groups: { rules: EvaluatedRule[] }[] = JSON.parse(body).data.groups;
      const rules = groups.flatMap((group) => group.rules);
      return rules.every(({ lastEvaluation }) => Date.parse(lastEvaluation) > since) && rules;
    },
    { seconds: 600, pauseMs: 2_000 },
  );
}

async function timeQuery(table: Table, what: string, ask: () => Promise<readonly unknown[]>): Promise<void> {
  const name = what.slice(0, 60);
  const took: string[] = [];
  let series = 0;
  for (let round = 0; round < 2; round += 1) {
    const start = performance.now();
    try {
      series = (await ask()).length;
    } catch {
      table.addRow(name, '', `no answer in ${((performance.now() - start) / 1_000).toFixed(0)} s`);
      return;
    }
    took.push(((performance.now() - start) / 1_000).toFixed(2));
  }
  table.addRow(name, series, ...took);
}

async function runLogQueriesBench(): Promise<void> {
  if (!process.env.E2E_LOKI) throw new Error('set E2E_LOKI to a program’s path');
  const cluster = new Cluster();
  try {
    const cloud = cluster.addNode({ name: 'cloud-1' });
    const { objects: all, readers } = synthesizeLoki();
    cluster.apply(...all);
    const [loki] = (await startLoki(cluster, cloud.namespace)) as [LokiClient];
    const [tenant, grafana] = [loki.as('north'), loki.as(readers)];
    const { memory } = loki.pod.container('loki');
    await fillLoki(tenant);
    const pushed = ((nodes * containers * lines * HOURS * LINE.length) / 1e6).toFixed(0);
    console.log(`${nodes} nodes, ${nodes * containers} streams, ${HOURS} hours, ${pushed} MB of lines`);
    const table = new Table([
      ['query', 60],
      ['series', 8],
      ['first s', 8],
      ['again s', 8],
    ]);
    for (const rule of logRules().ruleGroups.flatMap(({ rules }) => rules)) {
      await timeQuery(table, 'alert' in rule ? rule.alert : rule.record, () => tenant.series(rule.expr));
    }
    for (const rule of await waitForEvaluation(tenant)) {
      table.addRow(`${rule.name}, by the ruler: ${rule.health}`, '', rule.evaluationTime.toFixed(2));
    }
    for (const range of RANGES) {
      for (const expr of panelQueries())
        await timeQuery(table, `${range} h: ${expr}`, () => grafana.panel(expr, range));
    }
    console.log(`most memory: ${(memory.peak / 2 ** 20).toFixed(0)} MiB with page cache`);
  } finally {
    await cluster.destroy();
  }
}

void runOnPods(runLogQueriesBench);
