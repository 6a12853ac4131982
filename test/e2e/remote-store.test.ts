import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { environmentRules, remoteStore } from '../../lib';
import { freePort } from '../runtime/free-port';
import { endProgram, program, spawnKilledWithParent } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import { AlertReceiver, alertmanagerCommand } from '../stacks/watched-alertmanager';
import { configFile, containersOf, findOnly } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';
import { Sample, writeRequest } from '../support/write-request';

const PORTS = ['store', 'door', 'alertmanager', 'webhook', 'rules', 'scraper'] as const;
type Port = (typeof PORTS)[number];

const USER = { username: 'edge', password: 'correct-horse' };
const DOOR = 'https://store.example.com';

/** A store elsewhere, with rules to which silence is a matter of seconds. */
const manifests = () =>
  synthesizeChart(
    (chart) => {
      const address = { credentialsSecretName: 'store' };
      const store = remoteStore({
        write: { ...address, url: `${DOOR}/api/v1/write` },
        query: { ...address, url: DOOR },
        scrapeInterval: '1s',
      }).make(chart, { settings: {}, rules: { overrides: { EdgeNodeSilent: { for: '2s' } } } });
      const rules = environmentRules({
        // A sample is in what is recorded of it about ten seconds later: three chained rules, and the delay of the store.
        thresholds: { silentAfter: '30s', silentNodes: 1_000 },
        gateway: 'metrics-gateway',
        membership: 'pushes',
        edgeNamespace: 'monitoring-edge',
        ingressNamespaces: [],
      });
      for (const source of rules.prometheus) store.addRules(source);
      const alertServer = { peer: { anywhere: true }, port: 9093, admit: () => {} } as const;
      store.addAlertSink({ alertmanagers: ['alertmanager:9093'], alertServer });
    },
    { platform: { cluster: 'fleet' } },
  );

describe('a store elsewhere', () => {
  const folder = mkdtempSync(join(tmpdir(), 'remote-store-'));
  const ports = new Map<Port, number>();
  const running: ChildProcess[] = [];
  const alive = new Set(['sick', 'well']);
  const objects = manifests();
  let heartbeat: NodeJS.Timeout;
  let webhook: AlertReceiver;

  beforeAll(async () => {
    for (const name of PORTS) ports.set(name, await freePort());
    webhook = new AlertReceiver(ports.get('webhook'), ({ status, labels }) => [
      ...[status, labels.alertname, labels.node, labels.cluster],
    ]);
    write('credentials', USER);
    write('rules', mapped(findOnly(objects, 'ConfigMap', 'metrics-rules-rules').data, quick));
    startStore();
    start(...alertmanagerCommand(join(folder, 'alertmanager'), host('alertmanager'), at('webhook')));
    await eventually('the store answers', async () => (await fetch(`${at('store')}/health`)).ok);
    startPrograms();
    heartbeat = setInterval(() => void beat(), 1_000);
  });

  afterAll(async () => {
    clearInterval(heartbeat);
    for (const child of running.reverse()) await endProgram(child);
    webhook.close();
    rmSync(folder, { recursive: true });
  });

  const host = (port: Port) => `127.0.0.1:${ports.get(port)}`;
  const at = (port: Port) => `http://${host(port)}`;
  const start = (...command: string[]) => running.push(spawnKilledWithParent(command, { stdio: 'ignore' }));

  function write(directory: string, files: Readonly<Record<string, string>>): void {
    mkdirSync(join(folder, directory), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, directory, name), text);
  }

  /** VictoriaMetrics behind a door that wants a password, and shows samples at once. */
  function startStore(): void {
    start(
      'victoria-metrics',
      `-httpListenAddr=${host('store')}`,
      `-storageDataPath=${folder}/store`,
      '-search.latencyOffset=1s',
      '-dedup.minScrapeInterval=1ms',
    );
    write('door', { 'auth.yml': stringify({ users: [{ ...USER, url_prefix: at('store') }] }) });
    start('vmauth', `-httpListenAddr=${host('door')}`, `-auth.config=${folder}/door/auth.yml`);
  }

  /** Arguments of a container, with addresses and folders of the test. */
  function argsOf(kind: string, name: string): string[] {
    const [main] = containersOf(findOnly(objects, kind, name));
    return ((main?.args ?? []) as string[]).map((arg) =>
      arg
        .replace(DOOR, at('door'))
        .replace(/\/etc\/metrics-store\/(write|query)/, join(folder, 'credentials'))
        .replace('/etc/metrics-rules-notifiers', join(folder, 'notifiers'))
        .replace('/etc/metrics-rules/', `${folder}/rules/`)
        .replace('/etc/metrics-scraper', join(folder, 'scraper'))
        .replace('/var/lib/metrics-scraper', join(folder, 'scraper-data'))
        .replace(
          /^-httpListenAddr=.*/,
          `-httpListenAddr=${host(kind === 'Deployment' ? 'rules' : 'scraper')}`,
        ),
    );
  }

  function startPrograms(): void {
    write('notifiers', {
      'notifiers.yaml': stringify({ static_configs: [{ targets: [host('alertmanager')] }] }),
    });
    start('vmalert', ...argsOf('Deployment', 'metrics-rules'), '-rule.evalDelay=1s');
    const text = configFile(objects, 'metrics-scraper-config', 'scrape.yaml');
    const { scrape_configs, ...config } = parse(text);
    const jobs = scrape_configs.map(
      ({ dns_sd_configs: _, ...job }: { job_name: string; dns_sd_configs: object }) => ({
        ...job,
        static_configs: [{ targets: [host(job.job_name === 'metrics-rules' ? 'rules' : 'scraper')] }],
      }),
    );
    write('scraper', { 'scrape.yaml': stringify({ ...config, scrape_configs: jobs }) });
    start('vmagent', ...argsOf('StatefulSet', 'metrics-scraper'));
  }

  const authorization = `Basic ${Buffer.from(`${USER.username}:${USER.password}`).toString('base64')}`;

  async function beat(): Promise<void> {
    const series = [...alive].map((node) => ({
      labels: {
        __name__: 'up',
        job: 'edge-metrics-agent',
        cluster: 'fleet',
        group: 'north',
        node,
        side: 'edge',
      },
      samples: [new Sample(Date.now(), 1)],
    }));
    const headers = { authorization, 'Content-Encoding': 'snappy', 'Content-Type': 'application/x-protobuf' };
    const body = new Uint8Array(writeRequest(series));
    await fetch(`${at('door')}/api/v1/write`, { method: 'POST', headers, body }).catch(() => {});
  }

  async function query(expression: string) {
    const path = `/api/v1/query?query=${encodeURIComponent(expression)}`;
    const answer = await fetch(`${at('door')}${path}`, { headers: { authorization } });
    const { data } = (await answer.json()) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return data.result;
  }

  test('vmalert takes every rule in PromQL, and vmagent the whole file of scrape jobs', () => {
    write('all', findOnly(objects, 'ConfigMap', 'metrics-rules-rules').data);
    execFileSync(program('vmalert'), ['-dryRun', `-rule=${folder}/all/*.yaml`], { stdio: 'pipe' });
    write('whole', { 'scrape.yaml': configFile(objects, 'metrics-scraper-config', 'scrape.yaml') });
    execFileSync(program('vmagent'), ['-dryRun', `-promscrape.config=${folder}/whole/scrape.yaml`], {
      stdio: 'pipe',
    });
  });

  test('has what rules record and what the vmagent scrapes, with the labels of Prometheus', async () => {
    // vmalert evaluates what one rule recorded for the next one an interval later: the group is known after two.
    await eventually('both nodes send data, and their group is known', async () => {
      const nodes = (await query('edge_node:fresh{group="north"}')).map(({ metric }) => metric.node);
      return nodes.sort().join() === 'sick,well';
    });
    const [fresh] = await query('edge_node:fresh{node="sick", group="north"}');
    expect(fresh?.metric).toEqual({
      __name__: 'edge_node:fresh',
      cluster: 'fleet',
      group: 'north',
      node: 'sick',
    });
    await eventually('targets are scraped', async () => {
      const up = await query('up{side!="edge"} == 1');
      return (
        up
          .map(({ metric }) => metric.job)
          .sort()
          .join() === 'metrics-rules,metrics-scraper'
      );
    });
  });

  test('tells of a silent node through our vmalert and Alertmanager', async () => {
    await eventually('the watchdog is told of', () => webhook.received.includes('firing Watchdog  fleet'));
    alive.delete('sick');
    await eventually('the silence is told of', () =>
      webhook.received.includes('firing EdgeNodeSilent sick fleet'),
    );
    alive.add('sick');
    await eventually('its end is told of', () =>
      webhook.received.includes('resolved EdgeNodeSilent sick fleet'),
    );
    expect(webhook.received.filter((line) => line === 'firing EdgeNodeSilent sick fleet')).toHaveLength(1);
  });

  test('no rule fails', async () => {
    expect(await query('vmalert_execution_errors_total > 0')).toEqual([]);
    expect((await query('vmalert_execution_total')).length).toBeGreaterThan(0);
  });
});

/** Groups with an interval of their own are evaluated each second, too. */
const quick = (text: string): string => text.replace(/^( *interval: )\w+$/gm, '$11s');

const mapped = (files: Readonly<Record<string, string>>, change: (text: string) => string) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, change(text)]));
