import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import {
  CloudChart,
  EdgeChart,
  environmentDashboards,
  ingressNginxMetrics,
  type Settings,
  webhook,
} from '../../lib';
import counters from '../../lib/cloud/write-filter/counters.mjs';
import { allRules } from '../support/all-rules';
import { withoutVariables } from '../support/dashboards';
import { documentedMetrics } from '../support/documented-metrics';
import { load, only } from '../support/manifests';
import { metricsOf } from '../support/promql';
import { request } from './runtime/http';
import type { Pod } from './runtime/pod';
import { program, spawnMortal } from './runtime/programs';
import { secret } from './runtime/secrets';
import { eventually } from './runtime/wait';
import { Webhook } from './runtime/webhook';
import { CLOUD, DIST, ReferenceStack } from './stack';

const NODES = ['edge-1', 'edge-2', 'edge-3'];

/** The reference environment, in which all that takes minutes takes seconds. */
const settings: Settings = {
  cluster: 'reference',
  kubernetesVersion: '1.22',
  hosts: { metrics: 'push.edge.example.com', logs: 'logs.edge.example.com' },
  secrets: { receivers: 'alertmanager-receivers' },
  ingress: { certificateMetrics: [ingressNginxMetrics()] },
  receivers: [
    webhook({ name: 'ops', secretKey: 'webhook-url' }),
    webhook({ name: 'outside', secretKey: 'heartbeat-url' }),
  ],
  alerts: {
    // Longer than a push and two scrapes together, so that Prometheus knows first when it is the cloud's fault.
    thresholds: { silentAfter: '40s', silentPercent: 60 },
    overrides: {
      EdgeNodeSilent: { for: '2s' },
      EdgeGroupSilent: { for: '2s' },
      EdgeFleetSilent: { for: '2s' },
      PushgatewayDown: { for: '2s' },
    },
    heartbeat: 'outside',
    routes: [{ receiver: 'ops', group_wait: '3s', group_interval: '3s' }],
  },
  edge: { interval: '5s' },
};

/** What is true of a node whatever it does, so that it has to be muted when the node is silent. */
const CHILD = {
  name: 'children',
  rules: [
    {
      alert: 'NodeHasBeenHeardOf',
      expr: 'edge_node:last_seen:timestamp > 0',
      severity: 'warning',
      summary: 'Heard of {{ $labels.node }}',
      description: 'Once.',
      runbook: 'https://runbooks.example.com',
    },
  ],
} as const;

const dashboards = environmentDashboards().flatMap((source) => source.dashboards);
const panels = dashboards.flatMap(({ title, rows }) =>
  rows.flatMap((row) => row.panels.map((panel) => ({ name: `${title}: ${panel.title}`, ...panel }))),
);
const asked = panels.filter(({ source }) => source !== 'logs');
const rules = allRules.prometheus.flatMap(({ ruleGroups }) =>
  ruleGroups.flatMap((group) => [...group.rules]),
);
const recorded = rules.flatMap((rule) => ('record' in rule ? [rule.record] : []));

/** Pods of Loki, Grafana and the Pushgateway for services are not started: what fires about those mutes no node. */
describe('alerts on real servers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'alerts-'));
  let stack: ReferenceStack;
  let receiver: Webhook;
  let prometheus: Pod;
  let pushgateway: Pod;
  let edges: Pod[];
  let alertmanager: Pod;

  beforeAll(async () => {
    synthesize(folder);
    stack = await ReferenceStack.create({ dist: folder, edgeNodes: NODES });
    receiver = new Webhook(stack.cluster);
    stack.cluster.apply(
      secret(CLOUD, 'alertmanager-receivers', {
        'webhook-url': receiver.url('/ops'),
        'heartbeat-url': receiver.url('/heartbeat'),
      }),
    );
    alertmanager = await stack.startCloud('alertmanager');
    pushgateway = await stack.startCloud('pushgateway');
    edges = await stack.startEdges('edge-node-exporter');
    prometheus = await stack.startCloud('prometheus');
    await eventually('all nodes are heard of', async () => (await query('edge_node:fresh')).length === 3, {
      seconds: 60,
    });
  });

  afterAll(async () => {
    await stack?.destroy();
    rmSync(folder, { recursive: true });
  });

  const query = (expr: string) => stack.query(prometheus, expr);
  const firing = async (more: string) =>
    (await query(`ALERTS{alertstate="firing"${more}}`)).map(({ metric }) => metric.alertname);
  /** Of what began meanwhile: replicas may repeat, seconds late, what was told of before. */
  const since = (start: number) => receiver.told('/ops', start);

  test('Prometheus has loaded every rule of dist/', async () => {
    const { body } = await stack.fromCloud(prometheus, ':9090/api/v1/rules');
    const loaded: string[] = JSON.parse(body).data.groups.map(({ name }: { name: string }) => name);
    const { data } = only(load(join(DIST, 'cloud')), 'ConfigMap', 'prometheus-rules');
    const groups = Object.keys(data).map((file) => file.replace('.yaml', ''));
    expect(loaded).toEqual(expect.arrayContaining(groups));
    expect(await query('prometheus_rule_evaluation_failures_total > 0')).toEqual([]);
  });

  test('every query of rules and dashboards can be answered', async () => {
    const queries = [
      ...rules.map(({ expr }) => expr),
      ...asked.flatMap((panel) => panel.queries.map(({ expr }) => expr)),
    ];
    const failed: string[] = [];
    for (const expr of queries) {
      const path = `:9090/api/v1/query?query=${encodeURIComponent(withoutVariables(expr))}`;
      const { body } = await stack.fromCloud(prometheus, path);
      const { status, error, infos = [], warnings = [] } = JSON.parse(body);
      if (status !== 'success' || warnings.length) failed.push(`${expr}: ${error ?? warnings}`);
      expect(infos.filter((info: string) => !/might not be a counter/.test(info))).toEqual([]);
    }
    expect(failed).toEqual([]);
  });

  test('every metric that is asked for is one that its component exports', async () => {
    const names = new Set([
      ...recorded,
      'ALERTS',
      ...Object.keys(documentedMetrics),
      ...(await metricNames()),
      ...[...counters.matchAll(/'(\w+_total)'/g)].map(([, name]) => `metrics_gateway_filter_${name}`),
    ]);
    const read = [...rules, ...asked.flatMap((panel) => [...panel.queries])].flatMap(({ expr }) =>
      metricsOf(withoutVariables(expr)),
    );
    expect([...new Set(read)].filter((name) => !names.has(name))).toEqual([]);
  });

  test('a sidecar that stops is told of as a silent node, which mutes its children, and as over when it is back', async () => {
    await eventually('the child fires', async () => (await firing(', node="edge-1"')).length === 1);
    const sidecar = edges[0]?.container('push');
    await sidecar?.stop();
    await eventually(
      'the silence is told of',
      () => receiver.told('/ops').includes('firing EdgeNodeSilent edge-1'),
      {
        seconds: 60,
      },
    );
    expect(await muted('edge-1')).toEqual(['NodeHasBeenHeardOf']);
    expect(await muted('edge-2')).toEqual([]);
    const [message] = receiver.messages.filter(
      ({ alerts }) => alerts[0]?.labels.alertname === 'EdgeNodeSilent',
    );
    expect(message?.alerts[0]?.annotations).toMatchObject({
      summary: 'Silent: edge node edge-1',
      runbook_url: expect.stringMatching(/EdgeNodeSilent\.md$/),
    });
    expect(await query('edge_node:cpu_used:ratio{node="edge-1"}')).toEqual([]);
    await sidecar?.start();
    await eventually(
      'its end is told of',
      () => receiver.told('/ops').includes('resolved EdgeNodeSilent edge-1'),
      {
        seconds: 60,
      },
    );
    await eventually('the child is no longer muted', async () => (await muted('edge-1')).length === 0);
  });

  test('a heartbeat hears of Watchdog', () =>
    eventually('a heartbeat', () => receiver.told('/heartbeat').includes('firing Watchdog'), {
      seconds: 60,
    }));

  test('every panel shows something, but those that say when they do not, or whose component is not here', async () => {
    const empty: string[] = [];
    for (const { name, emptyWhen, queries } of asked) {
      const metrics = queries.flatMap(({ expr }) => metricsOf(withoutVariables(expr)));
      if (emptyWhen || metrics.some((metric) => metric in documentedMetrics)) continue;
      for (const { expr } of queries) {
        if ((await query(withoutVariables(expr))).length === 0) empty.push(`${name}: ${expr}`);
      }
    }
    expect(empty).toEqual([]);
  });

  test('a Pushgateway that stops is one alert, and not one for each node', async () => {
    const start = Date.now();
    const before = await firing(', alertname=~"Edge.*"');
    await pushgateway.stop();
    await eventually('it is told of', () => since(start).includes('firing PushgatewayDown'), { seconds: 60 });
    await eventually(
      'nodes would be silent by now',
      async () => (await query('edge_node:silent')).length === 3,
      { seconds: 80 },
    );
    expect(before).toEqual(expect.arrayContaining(await firing(', alertname=~"Edge.*"')));
    await pushgateway.start();
    await eventually('its end is told of', () => since(start).includes('resolved PushgatewayDown'), {
      seconds: 60,
    });
    await eventually('all nodes are heard of', async () => (await query('edge_node:fresh')).length === 3, {
      seconds: 90,
    });
    expect(since(start).filter((line) => /^firing Edge(Node|Group|Fleet)/.test(line))).toEqual([]);
  });

  /** Alerts about a node that Alertmanager mutes. */
  async function muted(node: string): Promise<string[]> {
    const path = `:9093/api/v2/alerts?filter=${encodeURIComponent(`node="${node}"`)}`;
    const { body } = await stack.fromCloud(alertmanager, path);
    const alerts: { labels: Record<string, string>; status: { state: string } }[] = JSON.parse(body);
    return alerts
      .filter(({ status }) => status.state === 'suppressed')
      .map(({ labels }) => labels.alertname ?? '');
  }

  /** Names of what every program exports that can be run here. */
  async function metricNames(): Promise<string[]> {
    const { body } = await stack.fromCloud(prometheus, ':9090/api/v1/label/__name__/values');
    const pages = [
      await vmagentMetrics(),
      ...(await Promise.all([
        stack.fromCloud(prometheus, ':9090/metrics'),
        stack.fromCloud(alertmanager, ':9093/metrics'),
        stack.fromCloud(pushgateway, ':9091/metrics'),
      ]).then((answers) => answers.map((answer) => answer.body))),
    ];
    const declared = [...pages.join('').matchAll(/^([a-zA-Z_:][\w:]*)[{ ]/gm)].map(([, name]) => name ?? '');
    return [...JSON.parse(body).data, ...declared];
  }

  async function vmagentMetrics(): Promise<string> {
    const { namespace } = stack.edgeNode;
    // It reads itself and writes to itself: of connections it tells from the first one on.
    const itself = '127.0.0.1:8429';
    const own = { job_name: 'own', scrape_interval: '1s', static_configs: [{ targets: [itself] }] };
    writeFileSync(join(folder, 'scrape.yaml'), JSON.stringify({ scrape_configs: [own] }));
    const agent = spawnMortal(
      [
        ...['nsenter', ...namespace.entry, program('vmagent'), `-promscrape.config=${folder}/scrape.yaml`],
        ...[
          `-remoteWrite.tmpDataPath=${folder}/queue`,
          `-remoteWrite.url=http://${itself}/api/v1/write`,
          `-httpListenAddr=${itself}`,
        ],
      ],
      { stdio: 'ignore' },
    );
    try {
      return await eventually('vmagent has written', async () => {
        const { body } = await request(namespace, `http://${itself}/metrics`);
        return body.includes('vmagent_remotewrite_conn_') && body;
      });
    } finally {
      agent.kill();
    }
  }
});

/** Writes the environment as dist/ is written, with rules evaluated every two seconds. */
function synthesize(folder: string): void {
  const app = new App();
  const cloud = new CloudChart(app, 'cloud', { settings });
  cloud.prometheus.addRules({ ruleGroups: [CHILD] });
  const edge = new EdgeChart(app, 'edge', { settings, metrics: cloud.metrics, logs: cloud.logs });
  for (const chart of [cloud, edge]) {
    mkdirSync(join(folder, chart.node.id));
    for (const [index, object] of chart.toJson().entries()) {
      const text = JSON.stringify(object).replace('evaluation_interval: 30s', 'evaluation_interval: 2s');
      writeFileSync(join(folder, chart.node.id, `${index}.yaml`), text);
    }
  }
}
