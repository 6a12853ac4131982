import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { stringify } from 'yaml';
import type { RuleSource } from '../../lib';
import { RuleSet } from '../../lib/core/rule-set';
import { alertAndRecordingRulesAboutReachability } from '../../lib/edge/fleet/reachability.rules';
import type { RuledNodes } from '../../lib/edge/ruled-nodes';
import { tryRun } from '../runtime/programs';
import { constantValues, edgeNodeRoleSeries } from '../support/rule-cases';

const KSM = 'job="kube-state-metrics"';
const CLOUD_NODE = { [`kube_node_info{cluster="c", ${KSM}, node="cloud-1"}`]: constantValues(1) };

const writes = (node: string, values: string, group = 'plants') => ({
  [`up{cluster="c", group="${group}", node="${node}", job="edge-metrics-agent", side="edge"}`]: values,
});

const labelled = (node: string, label: string, values = constantValues(1)) => ({
  [`kube_node_labels{cluster="c", ${KSM}, node="${node}", ${label}}`]: values,
});

/** Nodes in no group, of a NodeGroup of KubeEdge, and with a custom label. */
const GROUPS: readonly RuledNodes[] = [
  { transport: 'remote-write', group: 'plants' },
  { transport: 'remote-write', group: 'kiosks', nodeSelector: { 'apps.kubeedge.io/belonging-to': 'kiosks' } },
  { transport: 'remote-write', group: 'vehicles', nodeSelector: { edgeSite: 'road' } },
];

/** Query time, and the series of the response. */
type Asked = readonly [at: string, expr: string, series: Readonly<Record<string, number>>];

const folder = mkdtempSync(join(tmpdir(), 'membership-'));

afterAll(() => rmSync(folder, { recursive: true }));

/** Returns the errors of promtool for rules with given series; empty if all is as expected. */
async function complaints(
  rules: RuleSource,
  series: Readonly<Record<string, string>>,
  asked: readonly Asked[],
): Promise<string> {
  const set = new RuleSet(new Chart(new App(), 'rules'), 'PromQL');
  set.addRules(rules);
  const files = Object.entries(set.renderFiles()).map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  });
  const tests = {
    rule_files: files,
    evaluation_interval: '1m',
    group_eval_order: rules.ruleGroups.map(({ name }) => name),
    tests: [
      {
        interval: '1m',
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        promql_expr_test: asked.map(([eval_time, expr, samples]) => ({
          expr,
          eval_time,
          exp_samples: Object.entries(samples).map(([labels, value]) => ({ labels, value })),
        })),
      },
    ],
  };
  const file = join(folder, 'tests.yaml');
  writeFileSync(file, stringify(tests));
  const { code, stdout, stderr } = await tryRun('promtool', ['test', 'rules', file]);
  return code === 0 ? '' : `${stdout}${stderr}`;
}

/** The groups of some names. */
const only = (rules: RuleSource, ...names: string[]): RuleSource => ({
  ruleGroups: rules.ruleGroups.filter(({ name }) => names.includes(name)),
});

const NODES = 'count by (node) (edge_node:last_seen:timestamp)';
const one = (...nodes: string[]) => Object.fromEntries(nodes.map((node) => [`{node="${node}"}`, 1]));

describe('the fleet, as the API server lists it', () => {
  test('outlasts a restart of kube-state-metrics, takes in who joins and lets go who is deleted', async () => {
    const series = {
      ...CLOUD_NODE,
      [`kube_node_info{cluster="c", ${KSM}, node="cloud-1"}`]: '1x9 _x30 1x100',
      [edgeNodeRoleSeries('stays')]: '1x9 _x30 1x100',
      [edgeNodeRoleSeries('deleted')]: '1x9 _x30 1x10 _x100',
      [edgeNodeRoleSeries('joins')]: '_x60 1x100',
      ...writes('stays', constantValues(1)),
      ...writes('deleted', constantValues(1)),
    };
    expect(
      await complaints(alertAndRecordingRulesAboutReachability(), series, [
        ['5m', NODES, one('deleted', 'stays')],
        ['35m', NODES, one('deleted', 'stays')],
        ['55m', NODES, one('stays')],
        ['55m', 'edge_fleet:unknown_nodes:count', { 'edge_fleet:unknown_nodes:count{cluster="c"}': 1 }],
        ['62m', NODES, one('joins', 'stays')],
        ['62m', 'edge_node:silent', {}],
        ['70m', 'count by (node) (edge_node:silent)', one('joins')],
      ]),
    ).toBe('');
  });

  test('lets go of its last node, too', async () => {
    const series = {
      ...CLOUD_NODE,
      [edgeNodeRoleSeries('last')]: '1x9 _x100',
      ...writes('last', '1x9 _x100'),
    };
    expect(
      await complaints(alertAndRecordingRulesAboutReachability(), series, [
        ['5m', NODES, one('last')],
        ['20m', NODES, {}],
      ]),
    ).toBe('');
  });

  test('believes no other job, no pushed sign of life of the future, and no invented node', async () => {
    const series = {
      [edgeNodeRoleSeries('real')]: constantValues(1),
      ...writes('real', '1x4 _x100'),
      'kube_node_role{cluster="c", job="node_exporter", node="ghost", role="edge"}': constantValues(1),
      ...writes('ghost', constantValues(1)),
      // Gateways and Prometheus drop these; samples that were stored before do not affect rules forever.
      'edge_node:last_seen:timestamp{cluster="c", group="forged", node="real"}': '9999999999x3 _x100',
      'edge_node:last_seen:timestamp{cluster="c", group="plants", node="ghost"}': '9999999999x3 _x100',
    };
    expect(
      await complaints(alertAndRecordingRulesAboutReachability(), series, [
        ['10m', 'edge_fleet:nodes:count', { 'edge_fleet:nodes:count{cluster="c"}': 1 }],
        ['15m', 'count by (node) (edge_node:silent)', one('real')],
        ['15m', 'edge_fleet:silent:ratio', { 'edge_fleet:silent:ratio{cluster="c"}': 1 }],
      ]),
    ).toBe('');
  });

  test('is not silent before Prometheus, which was away, has read signs of life again', async () => {
    const series = {
      'edge_node:last_seen:timestamp{cluster="c", group="plants", node="real"}': '-300x5 _x100',
    };
    expect(
      await complaints(only(alertAndRecordingRulesAboutReachability(), 'edge-reachability'), series, [
        ['6m', 'count by (node) (edge_node:silent)', one('real')],
        ['9m', 'count by (node) (edge_node:last_seen:timestamp)', one('real')],
        ['9m', 'edge_node:silent', {}],
      ]),
    ).toBe('');
  });

  test('has the groups of its labels, whatever a node says of itself', async () => {
    const series = {
      ...Object.assign(
        {},
        ...['a', 'b', 'v'].map((node) => ({ [edgeNodeRoleSeries(node)]: constantValues(1) })),
      ),
      ...labelled('b', 'label_apps_kubeedge_io_belonging_to="kiosks"'),
      ...labelled('v', 'label_edge_site="road"'),
      ...labelled('a', 'label_edge_site="elsewhere"'),
      ...writes('a', constantValues(1), 'vehicles'),
      ...writes('b', constantValues(1), 'vehicles'),
    };
    const of = (node: string, group: string) => `{group="${group}", node="${node}"}`;
    expect(
      await complaints(alertAndRecordingRulesAboutReachability({}, {}, GROUPS), series, [
        [
          '10m',
          'count by (group, node) (edge_node:last_seen:timestamp)',
          { [of('a', 'plants')]: 1, [of('b', 'kiosks')]: 1, [of('v', 'vehicles')]: 1 },
        ],
        ['10m', 'count by (group, node) (edge_node:silent)', { [of('v', 'vehicles')]: 1 }],
      ]),
    ).toBe('');
  });
});

describe('a fleet of another cluster, which nobody lists', () => {
  const rules = alertAndRecordingRulesAboutReachability(
    { unlistedNodes: 3, forgetAfter: '30m' },
    { kubeStateMetrics: false },
  );

  test('is what sends metrics, up to a limit, and forgets who was silent for long', async () => {
    const series = {
      ...writes('a', '1x9 _x100'),
      ...writes('b', constantValues(1)),
      ...writes('c', constantValues(1)),
      ...writes('d', '_x15 1x100'),
      ...writes('e', '_x15 1x100'),
    };
    expect(
      await complaints(rules, series, [
        ['5m', NODES, one('a', 'b', 'c')],
        ['20m', NODES, one('a', 'b', 'c')],
        ['20m', 'count by (node) (edge_node:silent)', one('a')],
        ['20m', 'edge_fleet:unknown_nodes:count', { 'edge_fleet:unknown_nodes:count{cluster="c"}': 2 }],
        ['50m', 'count(edge_node:last_seen:timestamp)', { '{}': 3 }],
        ['50m', 'edge_fleet:unknown_nodes:count', { 'edge_fleet:unknown_nodes:count{cluster="c"}': 1 }],
      ]),
    ).toBe('');
  });
});
