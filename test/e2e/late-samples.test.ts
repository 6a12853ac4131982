import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { environmentRules, Prometheus } from '../../lib';
import { nodeDashboard } from '../../lib/edge/node-exporter/dashboard';
import { endProgram, spawnKilledWithParent } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import { replaceDashboardVariables } from '../support/dashboards';
import { configFile, findOnly, type Manifest } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';
import { Sample, type Series as Written, writeRequest } from '../support/write-request';

const PROMETHEUS = 'http://127.0.0.1:19690';
const AGENT = 'edge-metrics-agent';
const MINUTE = 60_000;

/** A remote-write receiver with rules in which silence takes seconds; there is no agent, which would need longer. */
const manifests = () =>
  synthesizeChart(
    (chart) => {
      const prometheus = new Prometheus(chart, 'prometheus', { outOfOrderWindow: '1d' });
      const rules = environmentRules({
        thresholds: { silentAfter: '10s' },
        gateway: 'metrics-gateway',
        membership: 'pushes',
        edgeNamespace: 'monitoring-edge',
        ingressNamespaces: [],
      });
      for (const source of rules.prometheus) prometheus.addRules(source);
    },
    { platform: { cluster: 'fleet' } },
  );

/** Metrics of a device with any of the problems. */
const TROUBLE: readonly [metric: string, labels: Readonly<Record<string, string>>, value: number][] = [
  ['up', { job: AGENT }, 1],
  ['node_filesystem_avail_bytes', { mountpoint: '/', fstype: 'ext4' }, 1],
  ['node_filesystem_size_bytes', { mountpoint: '/', fstype: 'ext4' }, 1_000],
  ['node_filesystem_files_free', { mountpoint: '/', fstype: 'ext4' }, 1],
  ['node_filesystem_files', { mountpoint: '/', fstype: 'ext4' }, 1_000],
  ['node_filesystem_readonly', { mountpoint: '/', fstype: 'ext4' }, 1],
  ['node_memory_MemAvailable_bytes', {}, 1],
  ['node_memory_MemTotal_bytes', {}, 1_000],
  ['node_hwmon_temp_celsius', { sensor: 'temp1' }, 110],
  ['vmagent_remotewrite_pending_data_bytes', { job: AGENT }, 2 ** 28],
];

describe('samples that come late', () => {
  const folder = mkdtempSync(join(tmpdir(), 'late-'));
  const alive = new Set<string>();
  let heartbeat: NodeJS.Timeout;
  let prometheus: ChildProcess;

  beforeAll(async () => {
    writeConfiguration(folder, manifests());
    prometheus = spawnKilledWithParent(
      [
        ...['prometheus', `--config.file=${folder}/prometheus.yaml`, `--storage.tsdb.path=${folder}/data`],
        ...['--web.enable-remote-write-receiver', `--web.listen-address=${new URL(PROMETHEUS).host}`],
      ],
      { stdio: 'ignore' },
    );
    await eventually('Prometheus is ready', async () => (await fetch(`${PROMETHEUS}/-/ready`)).ok);
    heartbeat = setInterval(() => void write([...alive].map((node) => up(node))), 1_000);
  });

  afterAll(async () => {
    clearInterval(heartbeat);
    await endProgram(prometheus);
    rmSync(folder, { recursive: true });
  });

  test('neither raise alerts about what is over nor are missing in the totals of the fleet', async () => {
    for (const node of ['sick', 'well', 'full']) alive.add(node);
    await nodesOf('fresh', ['full', 'sick', 'well']);
    alive.delete('sick');
    await nodesOf('silent', ['sick']);

    const now = Date.now();
    const measured = [...trouble('sick', now - 180 * MINUTE, now - 60 * MINUTE), ...traffic('sick', now)];
    await write([...measured, ...trouble('full', now - 10 * MINUTE, now)]);
    // Alerts that would fire if the samples were current.
    await eventually('another node is in trouble', async () => (await alertsOf('full')).length >= 6);
    await eventually('what was sent meanwhile counts', async () => {
      const [total] = await query('edge_group:uplink_bytes:increase1d{group="north"}');
      return Math.round(Number(total?.value[1]) / 2 ** 20) === 120;
    });
    // Its group of rules may be evaluated after the others.
    await eventually('its silence raises an alert', async () => (await alertsOf('sick')).length > 0);
    expect(await alertsOf('sick')).toEqual(['EdgeNodeSilent']);
    await nodesOf('silent', ['sick']);

    alive.add('sick');
    await nodesOf('fresh', ['full', 'sick', 'well']);
    await eventually('its silence is over', async () => (await alertsOf('sick')).length === 0);
    const raised = await query('max_over_time(ALERTS{node="sick", alertname!="EdgeNodeSilent"}[5m])');
    expect(raised).toEqual([]);
    expect(await query('edge_fleet:silent:ratio > 0')).toEqual([]);
  });

  test('are shown where they belong', async () => {
    const [{ rows } = { rows: [] }] = nodeDashboard().dashboards;
    const shown = async (title: string, time: number) => {
      const [panel] = rows.flatMap(({ panels }) => panels).filter((one) => one.title === title);
      const found = await query(replaceDashboardVariables(panel?.queries[0].expr ?? ''), time);
      return found.flatMap(({ metric, value: [, value] }) => (metric.node === 'sick' ? [Number(value)] : []));
    };
    const meanwhile = Date.now() - 120 * MINUTE;
    expect(await shown('Disk space usage', meanwhile)).toEqual([0.999]);
    expect(await shown('Memory usage', meanwhile)).toEqual([1]);
    expect(await shown('Temperature', meanwhile)).toEqual([110]);
    expect(await shown('Temperature', Date.now() - 240 * MINUTE)).toEqual([]);
  });

  test('those of a clock that is ahead tell of it', async () => {
    alive.add('ahead');
    const ahead = setInterval(() => void write([up('ahead', Date.now() + 2 * MINUTE)]), 1_000);
    await eventually('the clock is told of', async () =>
      (await alertsOf('ahead')).includes('EdgeClockSkewed'),
    );
    clearInterval(ahead);
    expect(await alertsOf('well')).toEqual([]);
  });

  async function nodesOf(state: 'fresh' | 'silent', nodes: readonly string[]): Promise<void> {
    await eventually(`${nodes} are ${state}`, async () => {
      const found = (await query(`edge_node:${state}`)).map(({ metric }) => metric.node).sort();
      return found.join() === nodes.join();
    });
  }
});

/** The rules of the manifests, evaluated each second, and the configuration without targets. */
function writeConfiguration(folder: string, manifests: readonly Manifest[]): void {
  mkdirSync(join(folder, 'rules'));
  const { data } = findOnly(manifests, 'ConfigMap', 'prometheus-rules');
  for (const [name, text] of Object.entries(data as Record<string, string>)) {
    writeFileSync(join(folder, 'rules', name), text.replaceAll(/^( +interval:) \w+$/gm, '$1 1s'));
  }
  const configuration = parse(configFile(manifests, 'prometheus-config', 'prometheus.yaml'));
  writeFileSync(
    join(folder, 'prometheus.yaml'),
    stringify({
      storage: configuration.storage,
      global: { ...configuration.global, evaluation_interval: '1s' },
      rule_files: [join(folder, 'rules/*.yaml')],
    }),
  );
}

const series = (name: string, node: string, labels: object, samples: Sample[]): Written => ({
  labels: { __name__: name, cluster: 'fleet', group: 'north', node, ...labels },
  samples,
});

const up = (node: string, time = Date.now()) => series('up', node, { job: AGENT }, [new Sample(time, 1)]);

function everyMinute(from: number, to: number, value: (minute: number) => number): Sample[] {
  const count = Math.round((to - from) / MINUTE) + 1;
  return Array.from({ length: count }, (_, minute) => new Sample(from + minute * MINUTE, value(minute)));
}

const trouble = (node: string, from: number, to: number): Written[] =>
  TROUBLE.map(([metric, labels, value]) =>
    series(
      metric,
      node,
      labels,
      everyMinute(from, to, () => value),
    ),
  );

/** A mebibyte a minute for two hours, of which the newest sample came before all others. */
function traffic(node: string, now: number): Written[] {
  const labels = { device: 'wwan0' };
  const late = everyMinute(now - 180 * MINUTE, now - 60 * MINUTE, (minute) => minute * 2 ** 20);
  return ['receive', 'transmit'].flatMap((way) => {
    const name = `node_network_${way}_bytes_total`;
    const counted = way === 'receive' ? late : late.map(({ time }) => new Sample(time, 0));
    const newest = counted.at(-1) as Sample;
    return [
      series(name, node, labels, [new Sample(now - 30 * MINUTE, newest.value)]),
      series(name, node, labels, counted),
    ];
  });
}

async function write(all: readonly Written[]): Promise<void> {
  for (const one of all) {
    const headers = { 'Content-Encoding': 'snappy', 'Content-Type': 'application/x-protobuf' };
    const body = writeRequest([one]);
    const answer = await fetch(`${PROMETHEUS}/api/v1/write`, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`Prometheus answers ${answer.status}: ${await answer.text()}`);
  }
}

interface Found {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

async function query(expr: string, time = Date.now()): Promise<Found[]> {
  const asked = new URLSearchParams({ query: expr, time: `${time / 1_000}` });
  const answer = await fetch(`${PROMETHEUS}/api/v1/query?${asked}`);
  return ((await answer.json()) as { data: { result: Found[] } }).data.result;
}

/** Alerts about a node, including pending ones. */
async function alertsOf(node: string): Promise<string[]> {
  const found = await query(`ALERTS{node="${node}"}`);
  return [...new Set(found.map(({ metric }) => metric.alertname ?? ''))].sort();
}
