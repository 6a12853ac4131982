import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { CloudChart, type Duration, EdgeChart, type Settings, webhook } from '../../lib';
import type { Pod } from '../runtime/pod';
import { secret } from '../runtime/secrets';
import { eventually } from '../runtime/wait';
import { Webhook } from '../runtime/webhook';
import { NodeList } from '../stacks/node-list';
import { CLOUD, ReferenceStack, type Series } from '../stacks/reference-stack';
import { findOnly, loadManifests } from '../support/manifests';

const NODES = ['edge-1', 'edge-2', 'edge-3'];

/** Conditions that always hold for a node, so they have to be muted while the node is silent. */
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

/** How a node becomes silent and returns, and the maximum seconds until the first notification. */
export interface Silence {
  readonly begin: () => unknown;
  readonly end: () => unknown;
  readonly seconds: number;
}

/** An environment with three edge nodes that notifies a webhook, with minutes shortened to seconds. */
export class AlertingStack {
  private pod?: Pod;

  /** Starts the receivers of alerts; components that measure and evaluate are started by name. */
  static async create(settings: Settings, silentAfter: Duration): Promise<AlertingStack> {
    const folder = mkdtempSync(join(tmpdir(), 'alerts-'));
    synthesize(folder, quick(settings, silentAfter));
    const stack = await ReferenceStack.create({ dist: folder, edgeNodes: NODES });
    const receiver = new Webhook(stack.cluster);
    stack.cluster.apply(
      secret(CLOUD, 'alertmanager-receivers', {
        'webhook-url': receiver.url('/ops'),
        'heartbeat-url': receiver.url('/heartbeat'),
      }),
    );
    const nodes = await NodeList.start(stack, NODES);
    return new AlertingStack(folder, stack, receiver, nodes, await stack.startCloud('alertmanager'));
  }

  private constructor(
    private readonly folder: string,
    readonly stack: ReferenceStack,
    readonly receiver: Webhook,
    readonly nodes: NodeList,
    readonly alertmanager: Pod,
  ) {}

  get prometheus(): Pod {
    if (!this.pod) throw new Error('Prometheus was not started');
    return this.pod;
  }

  async startPrometheus(): Promise<void> {
    this.pod = await this.stack.startCloud('prometheus');
  }

  query(expr: string): Promise<Series[]> {
    return this.stack.query(this.prometheus, expr);
  }

  /** Returns names of firing alerts that matchers select. */
  async firing(matchers: string): Promise<string[]> {
    const alerts = await this.query(`ALERTS{alertstate="firing", ${matchers}}`);
    return alerts.map(({ metric }) => metric.alertname ?? '');
  }

  /** Alerts about a node that Alertmanager mutes. */
  async muted(node: string): Promise<string[]> {
    const path = `:9093/api/v2/alerts?filter=${encodeURIComponent(`node="${node}"`)}`;
    const { body } = await this.stack.fromCloud(this.alertmanager, path);
    const alerts: { labels: Record<string, string>; status: { state: string } }[] = JSON.parse(body);
    return alerts
      .filter(({ status }) => status.state === 'suppressed')
      .map(({ labels }) => labels.alertname ?? '');
  }

  async hearsOfAll(seconds: number): Promise<void> {
    const fresh = async () => (await this.query('edge_node:fresh')).length === NODES.length;
    await eventually('all nodes send data', fresh, { seconds });
  }

  /** Expects that Prometheus evaluates the rule groups of the manifests without failures. */
  async expectRulesOf(dist: string): Promise<void> {
    const { body } = await this.stack.fromCloud(this.prometheus, ':9090/api/v1/rules');
    const loaded: string[] = JSON.parse(body).data.groups.map(({ name }: { name: string }) => name);
    const { data } = findOnly(loadManifests(join(dist, 'cloud')), 'ConfigMap', 'prometheus-rules');
    const groups = Object.keys(data).map((file) => file.replace('.yaml', ''));
    expect(loaded).toEqual(expect.arrayContaining(groups));
    expect(await this.query('prometheus_rule_evaluation_failures_total > 0')).toEqual([]);
  }

  /**
   * Expects one notification when a node becomes silent, muted alerts of that node only, and a notification when it
   * returns.
   */
  async expectToTellOf(node: string, { begin, end, seconds }: Silence): Promise<void> {
    const told = (what: string) => () =>
      this.receiver.listNotifications('/ops').includes(`${what} EdgeNodeSilent ${node}`);
    await eventually('the child fires', async () => (await this.firing(`node="${node}"`)).length === 1);
    await begin();
    await eventually('the silence is told of', told('firing'), { seconds });
    expect(await this.muted(node)).toEqual(['NodeHasBeenHeardOf']);
    for (const other of NODES.filter((one) => one !== node)) expect(await this.muted(other)).toEqual([]);
    const silences = this.receiver.messages.filter(
      ({ alerts }) => alerts[0]?.labels.alertname === 'EdgeNodeSilent',
    );
    expect(silences[0]?.alerts.map(({ labels }) => labels.node)).toEqual([node]);
    expect(silences[0]?.alerts[0]?.annotations).toMatchObject({
      summary: expect.stringMatching(`^No data: edge node ${node}`),
      runbook_url: expect.stringMatching(/EdgeNodeSilent\.md$/),
    });
    expect(await this.query(`edge_node:cpu_used:ratio{node="${node}"}`)).toEqual([]);
    await end();
    await eventually('its end is told of', told('resolved'), { seconds: 60 });
    await eventually('the child is no longer muted', async () => (await this.muted(node)).length === 0);
  }

  async destroy(): Promise<void> {
    await this.stack.destroy();
    rmSync(this.folder, { recursive: true });
  }
}

const quick = (settings: Settings, silentAfter: Duration): Settings => ({
  ...settings,
  secrets: { receivers: 'alertmanager-receivers' },
  receivers: [
    webhook({ name: 'ops', secretKey: 'webhook-url' }),
    webhook({ name: 'outside', secretKey: 'heartbeat-url' }),
  ],
  alerts: {
    thresholds: { silentAfter, silentPercent: 60 },
    overrides: {
      EdgeNodeSilent: { for: '2s' },
      EdgeGroupSilent: { for: '2s' },
      EdgeFleetSilent: { for: '2s' },
      ...settings.alerts?.overrides,
    },
    heartbeat: 'outside',
    routes: [{ receiver: 'ops', group_wait: '3s', group_interval: '3s' }],
  },
});

/** Writes the environment as dist/ is written, with targets read every five seconds and rules evaluated every two. */
function synthesize(folder: string, settings: Settings): void {
  const app = new App();
  const cloud = new CloudChart(app, 'cloud', { settings });
  cloud.metricsStore.addRules({ ruleGroups: [CHILD] });
  const edge = new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
  for (const chart of [cloud, edge]) {
    mkdirSync(join(folder, chart.node.id));
    for (const [index, object] of chart.toJson().entries()) {
      const text = JSON.stringify(object)
        .replace('evaluation_interval: 30s', 'evaluation_interval: 2s')
        .replace('scrape_interval: 30s', 'scrape_interval: 5s')
        .replace(/(- name: [\w-]+\\n *interval: )\dm/g, '$12s');
      writeFileSync(join(folder, chart.node.id, `${index}.yaml`), text);
    }
  }
}
