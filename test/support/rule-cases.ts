import { basename } from 'node:path';
import { stringify } from 'yaml';
import type { AlertRule, RuleSource } from '../../lib';

/**
 * A test case of an alert: series, and the times at which the alert fires and does not fire. Samples are one minute
 * apart.
 */
export interface AlertCase {
  /** Values in the notation of promtool, by series. */
  readonly series: Readonly<Record<string, string>>;
  /** Times at which the alert must not fire, such as `5m`: before it fires, and for other reasons. */
  readonly quiet: readonly string[];
  readonly fires: {
    readonly at: string | readonly string[];
    /**
     * All alerts of this name that fire at these times: labels without the severity, and the value as the description
     * shows it.
     */
    readonly alerts: readonly {
      readonly labels: Readonly<Record<string, string>>;
      readonly value?: string;
    }[];
  };
  /** Time at which the alert no longer fires, or `never`. */
  readonly resolved: string;
}

/** Test cases by the name of the alert. */
export type AlertCases = Readonly<Record<string, AlertCase>>;

/**
 * Values of a node with a problem (`sick`) and of a node without a problem (`well`), by metric. A third node has the
 * values of `sick`, and is silent.
 */
export type OnNodes = Readonly<Record<string, { readonly sick: string; readonly well: string }>>;

/**
 * Labels of the node with a problem. In the environment fleet, the group is also the group of nodes outside of all
 * NodeGroups.
 */
export const SICK = { cluster: 'c', group: 'plants', node: 'sick' };

const LENGTH = 1_600;

/**
 * Returns the push time of a node. The node pushes all the time, or it is silent: its last push was one hour before the
 * first sample.
 */
export const heartbeatSeries = (node: string, isSilent = false): Record<string, string> => ({
  [nodeSeries('push_time_seconds{job="node_exporter", pushgateway="pushgateway"}', node)]: isSilent
    ? `-3600+0x${LENGTH}`
    : `0+60x${LENGTH}`,
});

/**
 * Returns the series of three nodes: one with a problem, one without, and one that had the problem an hour ago and is
 * silent.
 */
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
 * Returns the series of a node that got another address in minute 10. The Pushgateway still has the samples of the
 * former address.
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

/** Adds the labels of a node to a metric. @param metric name, with further labels in braces if there are any */
export function nodeSeries(metric: string, node: string): string {
  const [name = '', labels = ''] = metric.split(/[{}]/);
  const own = `cluster="c", group="plants", node="${node}"`;
  return `${name}{${[own, labels].filter(Boolean).join(', ')}}`;
}

/** Returns values of a series that never change, in the notation of promtool. */
export const constantValues = (value: number): string => `${value}x${LENGTH}`;

/**
 * Converts a case to remote write. Push times become metrics of the agent. Pushes from an hour ago, and samples from a
 * former address, are left out, because they do not exist with remote write.
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

/** Renders cases as a test file of promtool. @param files rule files @param runbooks base URL of the runbooks */
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
      // Each file contains a group with the name of the file. Groups that other groups read come first.
      group_eval_order: files.map((file) => basename(file, '.yaml')),
      tests: Object.entries(cases).map(([name, one]) => promtoolTest(one, findAlert(alerts, name), runbooks)),
    },
    { aliasDuplicateObjects: false },
  );
}

/** Returns all alerts of these sources. */
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

/** Returns the series of kube-state-metrics that makes a node an edge node of the cluster. */
export const edgeNodeRoleSeries = (node: string): string =>
  `kube_node_role{cluster="c", job="kube-state-metrics", node="${node}", role="edge"}`;

/** Returns the series of a case, together with the series of kube-state-metrics for its nodes. */
export const inputSeries = ({ series: given }: Pick<AlertCase, 'series'>): AlertCase['series'] => ({
  ...edgeNodeRolesOfCase(given),
  ...given,
});

/** Returns the series of kube-state-metrics for each node with a group. A case may override these series. */
function edgeNodeRolesOfCase(given: AlertCase['series']): Record<string, string> {
  const nodes = Object.keys(given).flatMap((name) => /group="\w+", node="(\w+)"/.exec(name)?.[1] ?? []);
  return Object.fromEntries([...new Set(nodes)].map((node) => [edgeNodeRoleSeries(node), constantValues(1)]));
}

/** Replaces the templates in a text by labels and by the value of the alert. */
function renderText(
  text: string,
  labels: Readonly<Record<string, string>>,
  value = '(the case has no value)',
): string {
  const { group } = labels;
  return text
    .replaceAll(
      /\{\{ with \$labels\.group \}\}(.*?)\{\{ \. \}\}(.*?)\{\{ end \}\}/g,
      group ? `$1${group}$2` : '',
    )
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label) => labels[label] ?? '')
    .replaceAll(/\{\{ \$value[^}]*\}\}/g, value);
}

function findAlert(alerts: readonly AlertRule[], name: string): AlertRule {
  const [alert, ...more] = alerts.filter((one) => one.alert === name);
  if (!alert || more.length)
    throw new Error(`expected one alert with the name ${name}, got ${more.length + (alert ? 1 : 0)}`);
  return alert;
}
