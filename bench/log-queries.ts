/**
 * Measures the cost of log rules and log panels of a large fleet in Loki: the seconds of each query at the first and the
 * second execution, or its timeout, and Loki's peak memory. Before, the benchmark pushes the log lines of one day for each
 * node to Loki, as the tenant of a group.
 *
 *   E2E_LOKI=... npm run bench:log-queries [-- --nodes 5000 --containers 8 --lines 2]
 *
 * The benchmark needs the programs of the end-to-end tests.
 */
import { parse } from 'yaml';
import { RELOADER } from '../lib/agents/config-reloader';
import { yaml } from '../lib/core/yaml';
import { edgeLogRulesForLoki } from '../lib/edge/log-collector/rules';
import { Cluster } from '../test/runtime/cluster';
import { eventually } from '../test/runtime/wait';
import { panelQueries } from '../test/stacks/group-logs';
import { type LokiClient, startLoki } from '../test/stacks/loki-client';
import { container, createLoki } from '../test/stacks/loki-objects';
import type { Manifest } from '../test/support/manifests';
import { synthesizeChart } from '../test/support/synthesize';
import { parseArguments, parseWholeNumber, runBenchWithPods, Table } from './support/main';

const HOURS = 24;
/** Time ranges of the panels in hours. */
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

/**
 * Synthesizes a Loki with limits for this number of nodes, which accepts the lines of a whole day at once. Also returns
 * the tenant header with which Grafana reads all groups, or `undefined` if there is none.
 */
function synthesizeLoki(): { objects: Manifest[]; readers?: string } {
  let readers: string | undefined;
  const all = synthesizeChart((chart) => {
    const limits = { streams: nodes * 120, ingestionRate: '1Gi', querySeries: 2 * nodes } as const;
    const resources = { cpu: '1', memory: '4Gi', memoryLimit: '4Gi' } as const;
    const loki = createLoki(chart, { limits, resources, multiTenancy: {} }, ['north', 'south']);
    readers = loki.dataSource.secureJsonData?.httpHeaderValue1;
  });
  return { objects: all.map(adaptLokiObject), readers };
}

/**
 * Changes the configuration of Loki for the benchmark: stream shards by time are off, because the lines of each stream
 * arrive in order, and rules are evaluated every minute. Returns other objects unchanged.
 */
function adaptLokiObject(object: Manifest): Manifest {
  if (object.kind === 'ConfigMap' && object.metadata.name === 'loki-rules')
    return shortenRuleIntervals(object);
  if (object.kind !== 'ConfigMap' || object.metadata.name !== 'loki-config') return object;
  const { 'loki.yaml': text = '', ...others } = object.data ?? {};
  const settings = parse(text);
  settings.limits_config.shard_streams.time_sharding_enabled = false;
  return { ...object, data: { ...others, 'loki.yaml': yaml(settings) } };
}

/** Returns the stream with the hourly log line of the reloader, which runs next to the log agent. */
const reloaderStream = (node: number, from: number): object => ({
  stream: container(`edge-${node}`, RELOADER),
  values: [[`${BigInt(from) * 1_000_000n}`, 'watching /etc/log-agent/config']],
});

/**
 * Returns the log lines of a node's containers within an hour, as Loki streams.
 * @param from start of the hour in milliseconds since 1970
 */
function containerStreams(node: number, from: number): object[] {
  return Array.from({ length: containers }, (_, name) => ({
    stream: container(`edge-${node}`, `app-${name}`),
    values: Array.from({ length: lines }, (_, line) => [
      `${BigInt(from + Math.floor(((line + 0.5) * HOUR_MS) / lines)) * 1_000_000n}`,
      `${LINE}${line}`,
    ]),
  }));
}

/** Sets the interval of all rule groups to one minute. */
function shortenRuleIntervals(object: Manifest): Manifest {
  const rules = Object.entries(object.data ?? {}).map(([file, text]) => [
    file,
    `${text}`.replaceAll(/interval: \d+m/g, 'interval: 1m'),
  ]);
  return { ...object, data: Object.fromEntries(rules) };
}

/** Pushes the log lines of a day. Every hundredth node has no lines in the last 8 hours. */
async function fillLoki(loki: LokiClient): Promise<void> {
  const now = Date.now();
  for (let hour = HOURS; hour > 0; hour -= 1) {
    const sending = Array.from({ length: nodes }, (_, node) => node).filter(
      (node) => hour > SILENT_HOURS || node % 100 > 0,
    );
    for (let first = 0; first < sending.length; first += NODES_IN_A_PUSH) {
      const some = sending.slice(first, first + NODES_IN_A_PUSH);
      const from = now - hour * HOUR_MS;
      const lines = some.flatMap((node) => [reloaderStream(node, from), ...containerStreams(node, from)]);
      // On a busy machine Loki may time out, so a push is retried. Loki drops duplicates of stored lines.
      await eventually('Loki has stored the push', async () => (await loki.push(...lines)).status === 204, {
        seconds: 120,
        pauseMs: 2_000,
      });
    }
    // Loki keeps a chunk in memory for about two hours, so it is flushed every two hours of lines.
    if (hour % 2 === 1) await loki.ask('/flush', '');
  }
}

interface EvaluatedRule {
  readonly name: string;
  readonly health: string;
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
}

/** Waits until the ruler has evaluated each rule after this call, and returns the rules. */
async function waitForEvaluation(loki: LokiClient): Promise<EvaluatedRule[]> {
  const since = Date.now();
  return eventually(
    'the ruler has evaluated each rule',
    async () => {
      const { body } = await loki.ask('/prometheus/api/v1/rules');
      const groups: { rules: EvaluatedRule[] }[] = JSON.parse(body).data.groups;
      const rules = groups.flatMap((group) => group.rules);
      return rules.every(({ lastEvaluation }) => Date.parse(lastEvaluation) > since) && rules;
    },
    { seconds: 600, pauseMs: 2_000 },
  );
}

async function addQueryDurations(
  table: Table,
  what: string,
  ask: () => Promise<readonly unknown[]>,
): Promise<void> {
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
  if (!process.env.E2E_LOKI) throw new Error('E2E_LOKI is not set: set it to the path of the Loki program');
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
      ['1st run s', 9],
      ['2nd run s', 9],
    ]);
    for (const rule of edgeLogRulesForLoki().ruleGroups.flatMap(({ rules }) => rules)) {
      await addQueryDurations(table, 'alert' in rule ? rule.alert : rule.record, () =>
        tenant.series(rule.expr),
      );
    }
    for (const rule of await waitForEvaluation(tenant)) {
      table.addRow(
        `${rule.name}, evaluated by the ruler: ${rule.health}`,
        '',
        rule.evaluationTime.toFixed(2),
      );
    }
    for (const range of RANGES) {
      for (const expr of panelQueries())
        await addQueryDurations(table, `${range} h: ${expr}`, () => grafana.panel(expr, range));
    }
    console.log(`peak memory of Loki: ${(memory.peak / 2 ** 20).toFixed(0)} MiB, including page cache`);
  } finally {
    await cluster.destroy();
  }
}

void runBenchWithPods(runLogQueriesBench);
