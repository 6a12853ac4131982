import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { type AlertRule, MetricsGateway, Prometheus } from '../../lib';
import { freePort } from '../runtime/free-port';
import { endProgram, program, spawnKilledWithParent } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import { filterProgram, gatewayProgram } from '../stacks/gateway-programs';
import { AlertReceiver, alertmanagerCommand, type NotifiedAlert } from '../stacks/watched-alertmanager';
import { configFile, type Manifest } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';
import { Sample, type Series, writeRequest } from '../support/write-request';

/** How long each replica is away. */
const AWAY_MS = 1_000 * Number(process.env.E2E_REPLICA_AWAY ?? 10);

const NODES = Array.from({ length: 20 }, (_, index) => `edge-${index}`);

const ALARM: AlertRule = {
  alert: 'Alarm',
  expr: 'max by (node) (alarm) == 1',
  severity: 'critical',
  summary: 'Alarm of {{ $labels.node }}',
  description: 'It says so.',
  runbook: 'https://runbooks.example.com/alarm',
};

const manifests = (replicas: number, alertmanager: string) =>
  synthesizeChart((chart) => {
    const prometheus = new Prometheus(chart, 'prometheus', { outOfOrderWindow: '1d', replicas });
    prometheus.addTarget(new MetricsGateway(chart, 'gateway', { store: prometheus }));
    prometheus.addRules({ ruleGroups: [{ name: 'alarms', rules: [ALARM] }] });
    const alertServer = { peer: { anywhere: true }, port: 9093, admit: () => {} } as const;
    prometheus.addAlertSink({ alertmanagers: [alertmanager], alertServer });
  });

const PORTS = ['alertmanager', 'webhook', 'gateway'] as const;
const OF_REPLICAS = ['prometheus', 'filter', 'filterMetrics'] as const;
type Port = (typeof PORTS)[number] | `${(typeof OF_REPLICAS)[number]}-${number}`;

describe('two Prometheus behind a gateway', () => {
  const folder = mkdtempSync(join(tmpdir(), 'replicas-'));
  const ports = new Map<Port, number>();
  const running = new Map<string, ChildProcess>();
  let webhook: AlertReceiver;
  let one: Manifest[];
  let two: Manifest[];

  beforeAll(async () => {
    const names: Port[] = [
      ...PORTS,
      ...[0, 1].flatMap((n) => OF_REPLICAS.map((name): Port => `${name}-${n}`)),
    ];
    for (const name of names) ports.set(name, await freePort());
    one = manifests(1, host('alertmanager'));
    two = manifests(2, host('alertmanager'));
    webhook = new AlertReceiver(ports.get('webhook'), withoutCluster);
    startAlertmanager();
  });

  afterAll(async () => {
    for (const name of [...running.keys()]) await stop(name, 'SIGTERM');
    webhook.close();
    rmSync(folder, { recursive: true });
  });

  const host = (port: Port) => `127.0.0.1:${ports.get(port)}`;
  const ask = (port: Port, path: string) => fetch(`http://${host(port)}${path}`);
  const ready = (port: Port) => eventually(`${port} is ready`, async () => (await ask(port, '/-/ready')).ok);

  function startAlertmanager(): void {
    const command = alertmanagerCommand(
      join(folder, 'alertmanager'),
      host('alertmanager'),
      `http://${host('webhook')}/`,
    );
    running.set('alertmanager', spawnKilledWithParent(command, { stdio: 'ignore' }));
  }

  /** With its own file of the ConfigMap, in which addresses and intervals are the test's. */
  async function startPrometheus(replica: number): Promise<void> {
    const name = `prometheus-${replica}` as const;
    const own = join(folder, name);
    mkdirSync(join(own, 'rules'), { recursive: true });
    writeFileSync(join(own, 'rules/alarms.yaml'), configFile(two, 'prometheus-rules', 'alarms.yaml'));
    const config = parse(configFile(two, 'prometheus-config', `${name}.yaml`));
    const jobs = config.scrape_configs.filter(
      ({ job_name }: { job_name: string }) => job_name === 'metrics-gateway',
    );
    const written = stringify({
      ...config,
      global: { ...config.global, scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: [`${own}/rules/*.yaml`],
      scrape_configs: jobs.map((job: object) => ({
        ...job,
        static_configs: [{ targets: [host('gateway')] }],
      })),
    });
    writeFileSync(join(own, 'prometheus.yaml'), written);
    const files = [`--config.file=${own}/prometheus.yaml`, `--storage.tsdb.path=${own}/data`];
    const listen = ['--web.enable-remote-write-receiver', `--web.listen-address=${host(name)}`];
    running.set(name, spawnKilledWithParent(['prometheus', ...files, ...listen], { stdio: 'ignore' }));
    await ready(name);
  }

  function startFilter(objects: Manifest[], replica: number): void {
    const changed = {
      TARGET_URL: `http://${host(`prometheus-${replica}`)}/api/v1/write`,
      LISTEN_PORT: `${ports.get(`filter-${replica}`)}`,
      METRICS_PORT: `${ports.get(`filterMetrics-${replica}`)}`,
    };
    const container = replica ? `write-filter-${replica}` : 'write-filter';
    const { args, env } = filterProgram(objects, join(folder, container), changed, container);
    running.set(container, spawn(program('node'), args, { stdio: 'ignore', env }));
  }

  /** The manifests set the ports of the filters, so the URLs that name queues change as they do there. */
  async function startGateway(objects: Manifest[]): Promise<void> {
    writeFileSync(
      join(folder, 'relabel.yaml'),
      configFile(objects, 'metrics-gateway-config', 'relabel.yaml'),
    );
    const { args, env } = gatewayProgram(objects, {
      '-httpListenAddr': host('gateway'),
      '-remoteWrite.relabelConfig': `${folder}/relabel.yaml`,
      '-remoteWrite.tmpDataPath': `${folder}/queue`,
      // Half a minute in the manifests.
      '-remoteWrite.retryMaxInterval': '2s',
    });
    const moved = args.map((arg) =>
      arg.replace('127.0.0.1:8430', host('filter-0')).replace('127.0.0.1:8433', host('filter-1')),
    );
    running.set('gateway', spawnKilledWithParent(['vmagent', ...moved], { stdio: 'ignore', env }));
    await ready('gateway');
  }

  async function stop(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = running.get(name);
    running.delete(name);
    if (child) await endProgram(child, signal);
  }

  async function write(...all: Series[]): Promise<boolean> {
    const headers = { 'Content-Encoding': 'snappy', 'Content-Type': 'application/x-protobuf' };
    const body = new Uint8Array(writeRequest(all));
    return (await fetch(`http://${host('gateway')}/api/v1/write`, { method: 'POST', headers, body })).ok;
  }

  const ofNodes = (name: string, value: number) =>
    NODES.map((node) => ({ labels: { __name__: name, node }, samples: [new Sample(Date.now(), value)] }));

  async function query(replica: number, expression: string) {
    const path = `/api/v1/query?query=${encodeURIComponent(expression)}`;
    const answer = await ask(`prometheus-${replica}`, path);
    const { data } = (await answer.json()) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return data.result;
  }

  /**
   * Queries the rules API, because a query for `ALERTS` still returns those of a killed Prometheus for five minutes.
   */
  async function activeAlerts(replica: number): Promise<number> {
    const answer = await ask(`prometheus-${replica}`, '/api/v1/alerts');
    const { data } = (await answer.json()) as { data: { alerts: readonly object[] } };
    return data.alerts.length;
  }

  /** How many samples of each node a replica has. */
  async function counted(replica: number, name: string): Promise<number[]> {
    const found = await query(replica, `count_over_time(${name}[30m])`);
    return found.map(({ value: [, value] }) => Number(value));
  }

  const expectAll = (replica: number, name: string, count: number) =>
    eventually(
      `Prometheus ${replica} has ${count} samples of each node`,
      async () => (await counted(replica, name)).join() === NODES.map(() => count).join(),
      { seconds: 90 },
    );

  test('get, after an upgrade from one, what waited in the queue of the gateway', async () => {
    startFilter(one, 0);
    await startGateway(one);
    for (let at = 1; at <= 5; at++) expect(await write(...ofNodes('waited', at))).toBe(true);
    await stop('gateway', 'SIGTERM');
    await stop('write-filter', 'SIGTERM');

    await Promise.all([startPrometheus(0), startPrometheus(1)]);
    for (const replica of [0, 1]) startFilter(two, replica);
    await startGateway(two);
    await expectAll(0, 'waited', 5);
    expect(await counted(1, 'waited')).toEqual([]);
  });

  test('have every sample in the end when each was killed in turn, and tell of an alert once', async () => {
    let sent = 0;
    let alarm = 0;
    let isOver = false;
    const fleet = (async () => {
      for (; !isOver; await sleep(100)) {
        if (await write(...ofNodes('measured', sent), ...ofNodes('alarm', alarm).slice(0, 1))) sent++;
      }
    })();
    try {
      await stop('prometheus-1', 'SIGKILL');
      alarm = 1;
      await eventually('the alert is told of', () => webhook.received.length > 0);
      await sleep(AWAY_MS);
      await startPrometheus(1);
      await eventually('the other one fires, too', async () => (await query(1, 'ALERTS')).length > 0, {
        seconds: 60,
      });
      await stop('prometheus-0', 'SIGKILL');
      await sleep(AWAY_MS);
      expect(webhook.received).toEqual(['firing Alarm edge-0 severity']);
      alarm = 0;
      await eventually('its end is told of', () => webhook.received.length > 1);
      await startPrometheus(0);
    } finally {
      isOver = true;
      await fleet;
    }
    for (const replica of [0, 1]) await expectAll(replica, 'measured', sent);
    for (const replica of [0, 1])
      await eventually(`the alert has ended in ${replica}`, async () => (await activeAlerts(replica)) === 0);
    expect(webhook.received).toEqual(['firing Alarm edge-0 severity', 'resolved Alarm edge-0 severity']);
  });

  test('each know which queue is their own', async () => {
    for (const replica of [0, 1]) {
      const own = await query(replica, 'vmagent_remotewrite_pending_data_bytes{other_replica=""}');
      expect(own.map(({ metric }) => metric.url)).toEqual([`${replica + 1}:secret-url`]);
    }
  });
});

/** Status, name and node of an alert, and the names of its other labels, of which `cluster` is left out. */
function withoutCluster({ status, labels }: NotifiedAlert): readonly unknown[] {
  const { alertname, node, cluster: _, ...others } = labels;
  return [status, alertname, node, ...Object.keys(others)];
}
