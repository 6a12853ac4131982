import { basename } from 'node:path';
import { stringify } from 'yaml';
import type { AlertRule, RuleSource } from '../../lib';

/** Behavior of an alert with given series: it does not fire, it fires, it is resolved. Samples are a minute apart. */
export interface AlertCase {
  /** Series in the notation of promtool, by name and labels. */
  readonly series: Readonly<Record<string, string>>;
  /** Times at which nothing fires: before, and any other reason to be quiet. */
  readonly quiet: readonly string[];
  readonly fires: {
    readonly at: string | readonly string[];
    /** Every alert that fires then, by its labels beside the severity, with the figure as it is shown. */
    readonly alerts: readonly {
      readonly labels: Readonly<Record<string, string>>;
      readonly value?: string;
    }[];
  };
  /** When it is over; `never` for what always fires. */
  readonly resolved: string;
}

/** Cases by alert. */
export type AlertCases = Readonly<Record<string, AlertCase>>;

/** Values of a node in trouble and of one without. A third node has the first one's, and is silent. */
export type OnNodes = Readonly<Record<string, { readonly sick: string; readonly well: string }>>;

/** Labels of the node in trouble; nodes in none of its NodeGroups are of this group in the environment fleet, too. */
export const SICK = { cluster: 'c', group: 'plants', node: 'sick' };

const LENGTH = 1_600;

/** A node that is pushed all the time, and one whose last push was an hour before the first sample. */
export const heartbeatSeries = (node: string, isSilent = false): Record<string, string> => ({
  [nodeSeries('push_time_seconds{job="node_exporter", pushgateway="pushgateway"}', node)]: isSilent
    ? `-3600+0x${LENGTH}`
    : `0+60x${LENGTH}`,
});

/** Series of three nodes: one in trouble, one well, and one that shows the trouble of an hour ago and is silent. */
export function seriesOnNodes(values: OnNodes): Record<string, string> {
  return {
    ...heartbeatSeries('sick'),
    ...heartbeatSeries('well'),
    ...heartbeatSeries('silent', true),
    ...Object.fromEntries(
      Object.entries(values).flatMap(([metric, { sick, well }]) => [
        [nodeSeries(metric, 'sick'), sick],
        [nodeSeries(metric, 'well'), well],
        [nodeSeries(metric, 'silent'), sick],
      ]),
    ),
  };
}

const FORMER = 'instance="10.0.0.1:9100"';

/**
 * Series of a node that has had another address since minute 10: the Pushgateway still shows what it pushed from the
 * former one.
 */
export function seriesOnMovedNode(
  values: Readonly<Record<string, { readonly former: string; readonly now: string }>>,
): Record<string, string> {
  const movedSeries = (metric: string, instance: string) => {
    const [name = '', labels = ''] = metric.split(/[{}]/);
    return nodeSeries(
      `${name}{${[labels, 'job="node_exporter"', instance].filter(Boolean).join(', ')}}`,
      'moved',
    );
  };
  return Object.fromEntries(
    Object.entries({
      'push_time_seconds{pushgateway="pushgateway"}': { former: '0+60x10 600x1500', now: '660+60x1500' },
      ...values,
    }).flatMap(([metric, { former, now }]) => [
      [movedSeries(metric, FORMER), former],
      [movedSeries(metric, 'instance="10.0.0.2:9100"'), `_x10 ${now}`],
    ]),
  );
}

/** A series of one node, of which the labels are stated. */
export function nodeSeries(metric: string, node: string): string {
  const [name = '', labels = ''] = metric.split(/[{}]/);
  const own = `cluster="c", group="plants", node="${node}"`;
  return `${name}{${[own, labels].filter(Boolean).join(', ')}}`;
}

/** A figure that never changes. */
export const constantValues = (value: number): string => `${value}x${LENGTH}`;

/**
 * Returns the same case with remote write. The last data of a node are the metrics of its agent; a push from an hour
 * ago has no equivalent. Samples from a former address are not kept.
 */
export const asRemoteWriteCase = (one: AlertCase): AlertCase => ({
  ...one,
  series: Object.fromEntries(
    Object.entries(one.series).flatMap(([name, values]) => {
      if (name.includes(FORMER)) return [];
      if (!/^push_time_seconds\{.*pushgateway="/.test(name)) return [[name, values]];
      const [, cluster, node] = /(cluster="c", group="plants", )(node="\w+")/.exec(name) ?? [];
      if (values.startsWith('-')) return [];
      return [[`up{${cluster}${node}, job="edge-metrics-agent"}`, constantValues(1)]];
    }),
  ),
});

/** The cases as a test file of promtool, over rule files that are named. */
export function promtoolTests(
  cases: AlertCases,
  alerts: readonly AlertRule[],
  files: readonly string[],
  runbooks: string,
): string {
  return stringify(
    {
      rule_files: files,
      evaluation_interval: '1m',
      // Each file is a group of its name; groups that others read come first.
      group_eval_order: files.map((file) => basename(file, '.yaml')),
      tests: Object.entries(cases).map(([name, one]) => promtoolTest(one, findAlert(alerts, name), runbooks)),
    },
    { aliasDuplicateObjects: false },
  );
}

/** Every alert of some sources. */
export const alertRulesOf = (sources: readonly RuleSource[]): AlertRule[] =>
  sources.flatMap(({ ruleGroups }) =>
    ruleGroups.flatMap(({ rules }) => rules.filter((rule) => 'alert' in rule)),
  );

function promtoolTest(
  { series: given, quiet, fires, resolved }: AlertCase,
  alert: AlertRule,
  runbooks: string,
): object {
  const silence = [...quiet, ...(resolved === 'never' ? [] : [resolved])];
  return {
    name: alert.alert,
    interval: '1m',
    input_series: Object.entries(inputSeries({ series: given })).map(([name, values]) => ({
      series: name,
      values,
    })),
    alert_rule_test: [
      ...silence.map((eval_time) => ({ eval_time, alertname: alert.alert, exp_alerts: [] })),
      ...[fires.at].flat().map((eval_time) => ({
        eval_time,
        alertname: alert.alert,
        exp_alerts: fires.alerts.map(({ labels, value }) => ({
          exp_labels: { severity: alert.severity, ...labels },
          exp_annotations: {
            summary: renderText(alert.summary, labels, value),
            description: renderText(alert.description, labels, value),
            runbook_url: `${runbooks}/${alert.runbook}`,
          },
        })),
      })),
    ],
  };
}

/** Returns the metric of kube-state-metrics for an edge node. */
export const memberSeries = (node: string): string =>
  `kube_node_role{cluster="c", job="kube-state-metrics", node="${node}", role="edge"}`;

/** Returns the series of a case, with metrics of the API server about its nodes. */
export const inputSeries = ({ series: given }: Pick<AlertCase, 'series'>): AlertCase['series'] => ({
  ...membersOfCase(given),
  ...given,
});

/** Every node with a group is an edge node of the API server, unless a case defines otherwise. */
function membersOfCase(given: AlertCase['series']): Record<string, string> {
  const nodes = Object.keys(given).flatMap((name) => /group="\w+", node="(\w+)"/.exec(name)?.[1] ?? []);
  return Object.fromEntries([...new Set(nodes)].map((node) => [memberSeries(node), constantValues(1)]));
}

/** A text with its templates filled in: the labels, and the figure as the case says that it is shown. */
function renderText(
  text: string,
  labels: Readonly<Record<string, string>>,
  value = '(no figure is stated)',
): string {
  const { group } = labels;
  return text
    .replaceAll(/\{\{ with \$labels\.group \}\}(.*?)\{\{ \. \}\}\{\{ end \}\}/g, group ? `$1${group}` : '')
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label) => labels[label] ?? '')
    .replaceAll(/\{\{ \$value[^}]*\}\}/g, value);
}

function findAlert(alerts: readonly AlertRule[], name: string): AlertRule {
  const [alert, ...more] = alerts.filter((one) => one.alert === name);
  if (!alert || more.length) throw new Error(`${more.length + (alert ? 1 : 0)} alerts have the name ${name}`);
  return alert;
}
