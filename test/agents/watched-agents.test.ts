import { App } from 'cdk8s';
import {
  CloudChart,
  EdgeChart,
  environmentDashboards,
  environmentRules,
  type LogAgent,
  LogCollector,
  LokiStack,
  type PanelRow,
  type RuleSource,
  type Settings,
} from '../../lib';
import { listAgentMetricNames } from '../../lib/agents/log-agent';
import { LOG_AGENTS } from '../../lib/agents/log-agents';
import { alertRulesAboutLogCollector } from '../../lib/cloud/log-collector/rules';
import { replaceDashboardVariables } from '../support/dashboards';
import { configFile, findOnly } from '../support/manifests';
import { metricsInQuery } from '../support/promql';
import { minimalSettings } from '../support/settings';
import { refusalMessage } from '../support/synthesize';

const rulesFor = (agents: readonly LogAgent[]): readonly RuleSource[] => [
  ...environmentRules({
    gateway: 'metrics-gateway',
    nodes: [{ transport: 'remote-write' }],
    logAgents: agents,
    edgeNamespace: 'monitoring-edge',
    ingressNamespaces: ['monitoring'],
  }).prometheus.filter(({ ruleGroups }) => ruleGroups.every(({ name }) => name !== 'log-collector')),
  alertRulesAboutLogCollector({ agents }),
];

/** The metrics that alerts and figures of a name read. */
const readBy = (name: string, sources = rulesFor([])): string[] =>
  sources
    .flatMap(({ ruleGroups }) => ruleGroups.flatMap(({ rules }) => [...rules]))
    .filter((rule) => name === ('alert' in rule ? rule.alert : rule.record))
    .flatMap(({ expr }) => metricsInQuery(expr));

/** The metrics that panels of a title read. */
const shownBy = (title: string, dashboards = environmentDashboards()): string[] =>
  dashboards
    .flatMap((source) => source.dashboards.flatMap(({ rows }) => rows.flatMap((row: PanelRow) => row.panels)))
    .filter((panel) => panel.title === title)
    .flatMap(({ queries }) => queries.flatMap(({ expr }) => metricsInQuery(replaceDashboardVariables(expr))));

/** The metrics that one expression of an agent reads. */
function listMetrics(agent: LogAgent, expression: 'backlog' | 'sent' | 'dropped'): string[] {
  const names: string[] = [];
  agent.metrics?.[expression]?.((name) => {
    names.push(name);
    return name;
  });
  return names;
}

/** An agent that none of the sources of the library knows. */
const vector: LogAgent = {
  name: 'vector',
  image: 'docker.io/timberio/vector:0.50.0-distroless-static',
  architectures: ['amd64', 'arm64', 'arm'],
  resources: { cpu: '50m', memory: '64Mi' },
  needsApiServer: false,
  readyPath: '/health',
  reloadPath: '/reload',
  metrics: {
    path: '/metrics',
    backlog: (read) => read('vector_buffer_byte_size', 'component_id="loki"'),
    sent: (read) => read('vector_component_sent_bytes_total', 'component_id="loki"'),
    dropped: (read) => read('vector_component_discarded_events_total', 'intentional="false"'),
    retried: 'vector_http_client_errors_total',
  },
  args: ({ configDir }) => [`--config=${configDir}/vector.yaml`],
  files: () => ({ 'vector.yaml': 'sources: {}\n' }),
  unsupported: ({ sending }) =>
    sending?.linesPerSecond === undefined
      ? []
      : [
          {
            option: 'sending.linesPerSecond',
            value: sending.linesPerSecond,
            reason: 'Vector drops lines over a limit',
          },
        ],
};

describe.each([...Object.values(LOG_AGENTS), vector])('$name', (agent) => {
  const rules = rulesFor([agent]);

  test('has alerts about what waits and what is lost, at the edge and in the cloud', () => {
    const backlog = listMetrics(agent, 'backlog');
    expect(backlog.length).toBeGreaterThan(0);
    expect(readBy('EdgeLogCollectorBehind', rules)).toEqual(expect.arrayContaining(backlog));
    for (const alert of ['EdgeLogLinesDropped', 'LogCollectorLinesDropped'])
      expect(readBy(alert, rules)).toEqual(expect.arrayContaining(listMetrics(agent, 'dropped')));
  });

  test('is counted on the uplink, where it counts what it sends', () => {
    expect(readBy('edge_node:telemetry_bytes:increase1d', rules)).toEqual(
      expect.arrayContaining(listMetrics(agent, 'sent')),
    );
  });

  test('is on the panel of what collectors have still to read', () => {
    expect(shownBy('Log collector backlog', environmentDashboards(undefined, [agent]))).toEqual(
      expect.arrayContaining(listMetrics(agent, 'backlog')),
    );
  });
});

test('no rule and no panel reads an agent of others where nobody runs it', () => {
  for (const name of ['EdgeLogCollectorBehind', 'EdgeLogLinesDropped', 'LogCollectorLinesDropped'])
    expect(readBy(name)).not.toContainEqual(expect.stringMatching(/^vector_/));
  expect(shownBy('Log collector backlog')).not.toContain('vector_buffer_byte_size');
});

describe('an agent of one group of nodes alone', () => {
  const settings: Settings = {
    ...minimalSettings,
    edge: { transport: 'remote-write', groups: [{ name: 'north', logs: { agent: vector } }] },
  };
  const app = new App();
  const cloud = new CloudChart(app, 'cloud', { settings });
  const edge = new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs }).toJson();

  test('has its alerts and its panel in the environment', () => {
    const objects = cloud.toJson();
    expect(configFile(objects, 'prometheus-rules', 'edge-agents.yaml')).toContain(
      'sum by (cluster, group, node) (last_over_time(vector_buffer_byte_size{component_id="loki"}[15m])) > 10485760',
    );
    expect(findOnly(objects, 'ConfigMap', 'grafana-dashboard-edge-logs').data['edge-logs.json']).toContain(
      'vector_buffer_byte_size',
    );
  });

  test('is scraped for what these read, and for no more', () => {
    expect(configFile(edge, 'edge-metrics-agent-north-config', 'jobs.yaml')).toContain(
      listAgentMetricNames(vector.metrics as NonNullable<LogAgent['metrics']>).join('|'),
    );
  });

  test.each(['settings', 'construct'])('is refused what it cannot do, by the %s', (where) => {
    const logs = { agent: vector, sending: { linesPerSecond: 9 } };
    const groups = [{ name: 'north', logs }];
    const charted = { ...minimalSettings, edge: { transport: 'remote-write', groups } } as const;
    const message = refusalMessage((chart) =>
      where === 'settings'
        ? new CloudChart(chart, 'cloud', { settings: charted })
        : new LogCollector(chart, 'logs', { ...logs, loki: new LokiStack(chart, 'loki') }),
    );
    expect(message).toMatch(
      /sending\.linesPerSecond is 9, but Vector drops lines over a limit: remove the option, or set the option "agent" to .*\bpromtail\(\)/,
    );
    expect(message).not.toContain('fluentBit()');
  });
});

describe('an agent that is one folder and a line in the list', () => {
  jest.resetModules();
  const list: typeof import('../../lib/agents/log-agents') = jest.requireActual(
    '../../lib/agents/log-agents',
  );
  Object.assign(list.LOG_AGENTS, { vector });
  const library: typeof import('../../lib') = jest.requireActual('../../lib');
  const cdk8s: typeof import('cdk8s') = jest.requireActual('cdk8s');
  const chart = (edge: Settings['edge']) =>
    new library.CloudChart(new cdk8s.App(), 'cloud', { settings: { ...minimalSettings, edge } });

  test('has its alerts and its panel where no settings name it, as nodes may change their agent', () => {
    const objects = chart({ transport: 'remote-write' }).toJson();
    const alerts = configFile(objects, 'prometheus-rules', 'edge-agents.yaml');
    expect(alerts).toContain('vector_buffer_byte_size{component_id="loki"}[15m])) > 10485760');
    expect(alerts).toContain('increase(vector_component_discarded_events_total{intentional="false"}[3h])');
    expect(findOnly(objects, 'ConfigMap', 'grafana-dashboard-edge-logs').data['edge-logs.json']).toContain(
      'vector_buffer_byte_size',
    );
  });

  test('is offered where another agent cannot do what is set', () => {
    expect(refusalMessage(() => chart({ logs: { sending: { batchSize: '2Mi' } } }))).toMatch(
      /batchSize is "2Mi".* set the option "agent" to .*promtail\(\) or vector\(\)/,
    );
  });
});
