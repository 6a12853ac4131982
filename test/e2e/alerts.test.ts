import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentDashboards, ingressNginxMetrics, type Settings } from '../../lib';
import seriesLimiter from '../../lib/cloud/metrics-gateway/series-limiter/main.mjs?bundle';
import writeFilter from '../../lib/cloud/metrics-gateway/write-filter/main.mjs?bundle';
import pushFilter from '../../lib/cloud/pushgateway/push-filter/main.mjs?bundle';
import { request } from '../runtime/http';
import type { Pod } from '../runtime/pod';
import { endProgram, program, spawnKilledWithParent } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import { type ReferenceStack, referenceDist } from '../stacks/reference-stack';
import { allRules } from '../support/all-rules';
import { replaceDashboardVariables } from '../support/dashboards';
import { documentedMetrics } from '../support/documented-metrics';
import { metricsInQuery } from '../support/promql';
import { AlertingStack } from './alerting-stack';

const settings: Settings = {
  cluster: 'reference',
  kubernetesVersion: '1.22',
  hosts: { metrics: 'push.edge.example.com', logs: 'logs.edge.example.com' },
  ingress: { certificateMetrics: [ingressNginxMetrics()] },
  alerts: { overrides: { PushgatewayDown: { for: '2s' } } },
  edge: { interval: '5s' },
};

/** Longer than a push and two scrapes together, so that Prometheus knows first when it is the cloud's fault. */
const SILENT_AFTER = '40s';

/** Metrics that only exist on machines with certain hardware. */
const OF_SOME_MACHINES = /node_memory_SwapTotal_bytes/;

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
  let alerting: AlertingStack;
  let stack: ReferenceStack;
  let pushgateway: Pod;
  let edges: Pod[];

  beforeAll(async () => {
    alerting = await AlertingStack.create(settings, SILENT_AFTER);
    stack = alerting.stack;
    pushgateway = await stack.startCloud('pushgateway');
    edges = await stack.startEdges('edge-node-exporter');
    await alerting.startPrometheus();
    await alerting.hearsOfAll(60);
  });

  afterAll(() => alerting?.destroy());

  const query = (expr: string) => alerting.query(expr);
  /** Notifications that began meanwhile: replicas may repeat earlier ones some seconds late. */
  const since = (start: number) => alerting.receiver.listNotifications('/ops', start);

  test('Prometheus has loaded every rule of dist/', () => alerting.expectRulesOf(referenceDist()));

  test('every query of rules and dashboards can be answered', async () => {
    const queries = [
      ...rules.map(({ expr }) => expr),
      ...asked.flatMap((panel) => panel.queries.map(({ expr }) => expr)),
    ];
    const failed: string[] = [];
    for (const expr of queries) {
      const path = `:9090/api/v1/query?query=${encodeURIComponent(replaceDashboardVariables(expr))}`;
      const { body } = await stack.fromCloud(alerting.prometheus, path);
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
      ...filterMetrics(writeFilter, 'metrics_gateway_filter'),
      ...filterMetrics(seriesLimiter, 'metrics_gateway_limiter'),
      ...filterMetrics(pushFilter, 'pushgateway_filter'),
    ]);
    const read = [...rules, ...asked.flatMap((panel) => [...panel.queries])].flatMap(({ expr }) =>
      metricsInQuery(replaceDashboardVariables(expr)),
    );
    expect([...new Set(read)].filter((name) => !names.has(name))).toEqual([]);
  });

  test('a sidecar that stops is told of as a silent node, which mutes its children, and as over when it is back', () => {
    const sidecar = edges[0]?.container('push');
    return alerting.expectToTellOf('edge-1', {
      begin: () => sidecar?.stop(),
      end: () => sidecar?.start(),
      seconds: 60,
    });
  });

  test('a heartbeat hears of Watchdog', () =>
    eventually(
      'a heartbeat',
      () => alerting.receiver.listNotifications('/heartbeat').includes('firing Watchdog'),
      {
        seconds: 60,
      },
    ));

  test('every panel shows something, but those that say when they do not, or whose component is not here', async () => {
    const empty: string[] = [];
    for (const { name, emptyWhen, queries } of asked) {
      const metrics = queries.flatMap(({ expr }) => metricsInQuery(replaceDashboardVariables(expr)));
      if (emptyWhen || metrics.some((metric) => metric in documentedMetrics)) continue;
      for (const { expr } of queries.filter((one) => !OF_SOME_MACHINES.test(one.expr))) {
        if ((await query(replaceDashboardVariables(expr))).length === 0) empty.push(`${name}: ${expr}`);
      }
    }
    expect(empty).toEqual([]);
  });

  test('a Pushgateway that stops is one alert, and not one for each node', async () => {
    const start = Date.now();
    const before = await alerting.firing('alertname=~"Edge.*"');
    await pushgateway.stop();
    await eventually('it is told of', () => since(start).includes('firing PushgatewayDown'), { seconds: 60 });
    await eventually(
      'nodes would be silent by now',
      async () => (await query('edge_node:silent')).length === 3,
      { seconds: 80 },
    );
    expect(before).toEqual(expect.arrayContaining(await alerting.firing('alertname=~"Edge.*"')));
    await pushgateway.start();
    await eventually('its end is told of', () => since(start).includes('resolved PushgatewayDown'), {
      seconds: 60,
    });
    await alerting.hearsOfAll(90);
    expect(since(start).filter((line) => /^firing Edge(Node|Group|Fleet)/.test(line))).toEqual([]);
  });

  test('what clients push in the name of the cloud is not believed', async () => {
    const push = (job: string, node: string, body: string) =>
      stack.fromEdge(`https://push.edge.example.com/metrics/job/${job}/instance/forged/hostname/${node}`, {
        method: 'PUT',
        user: stack.credentials,
        body: `${body}\n`,
      });
    await push('loki', 'edge-1', 'up 1');
    await push('forger-of-figures', 'edge-1', 'edge_fleet:silent:ratio{cluster="reference"} 1');
    await push('forger-of-counts', 'edge-1', 'edge_fleet:nodes:count{cluster="reference"} 100');
    await push('forger-of-life', 'edge-1', 'edge_node:last_seen:timestamp{node="edge-2"} 9999999999');
    await push('forger-of-alerts', 'edge-1', 'ALERTS{alertname="LokiDown",alertstate="firing"} 1');
    await push('kube-state-metrics', 'edge-1', 'kube_node_role{node="ghost",role="edge"} 1');
    await push('node_exporter', 'ghost', 'forger_alive 1');
    await eventually(
      'what may be pushed is read',
      async () => (await query('forger_alive{node="ghost"}')).length === 1,
    );
    await eventually(
      'it is counted',
      async () => (await query('edge_fleet:unknown_nodes:count == 1')).length === 1,
    );
    const forged = '{__name__=~"up|ALERTS|kube_.+|edge_(fleet|group|node):.*", instance="forged"}';
    expect(await query(forged)).toEqual([]);
    expect(await query('up{job="loki"} == 1')).toEqual([]);
    expect(await query('edge_fleet:nodes:count == 100 or edge_fleet:silent:ratio == 1')).toEqual([]);
    await eventually(
      'no node is silent',
      async () => (await query('edge_fleet:nodes:count == 3 and edge_fleet:silent:ratio == 0')).length === 1,
    );
    expect(await query('edge_node:last_seen:timestamp > time()')).toEqual([]);
    const lokiDown = 'ALERTS{alertname="LokiDown", job="loki"}';
    await eventually('LokiDown is seen', async () => (await query(lokiDown)).length === 1);
    expect(await alerting.firing('alertname=~"Edge(Node|Group|Fleet)Silent"')).toEqual([]);
  });

  test('a node that is deleted from the cluster is gone from figures, though what it pushed stays', async () => {
    await alerting.nodes.delete('edge-3');
    await eventually('it is gone', async () => (await query('edge_fleet:nodes:count == 2')).length === 1);
    const figures = '{__name__=~"edge_node:.+", node="edge-3"}';
    await eventually('so are its figures', async () => (await query(figures)).length === 0);
    await alerting.nodes.restart();
    await alerting.hearsOfAll(60);
  });

  /** Names of what every program exports that can be run here. */
  async function metricNames(): Promise<string[]> {
    const { body } = await stack.fromCloud(alerting.prometheus, ':9090/api/v1/label/__name__/values');
    const pages = [
      await vmagentMetrics(),
      ...(await Promise.all([
        stack.fromCloud(alerting.prometheus, ':9090/metrics'),
        stack.fromCloud(alerting.alertmanager, ':9093/metrics'),
        stack.fromCloud(pushgateway, ':9091/metrics'),
      ]).then((answers) => answers.map((answer) => answer.body))),
    ];
    const declared = [...pages.join('').matchAll(/^([a-zA-Z_:][\w:]*)[{ ]/gm)].map(([, name]) => name ?? '');
    return [...JSON.parse(body).data, ...declared];
  }

  async function vmagentMetrics(): Promise<string> {
    const { namespace } = stack.edgeNode;
    const folder = mkdtempSync(join(tmpdir(), 'vmagent-'));
    // It scrapes itself and writes to itself, so it has connection metrics from the first connection on.
    const itself = '127.0.0.1:8429';
    const own = { job_name: 'own', scrape_interval: '1s', static_configs: [{ targets: [itself] }] };
    writeFileSync(join(folder, 'scrape.yaml'), JSON.stringify({ scrape_configs: [own] }));
    const agent = spawnKilledWithParent(
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
      await endProgram(agent);
      rmSync(folder, { recursive: true });
    }
  }
});

/** Metrics of a filter, by name in its program. */
const filterMetrics = (program: string, prefix: string): string[] =>
  [...program.matchAll(/^ {2}(\w+):\s+"/gm)].map(([, name]) => `${prefix}_${name}`);
