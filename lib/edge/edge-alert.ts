import type { AlertRule } from '../contracts/rules';
import { alertingRule, type UnnamedAlert } from '../core/alerts';
import { alertName } from '../core/rule-rules';
import { type Rule, validateOptions } from '../core/validation';

/**
 * Labels that identify an edge node in a `by (...)` or `on (...)` clause. The IP address is not included, because
 * it can change and is not unique across sites.
 */
export const NODE_LABELS = 'cluster, group, node';

/**
 * Restricts a PromQL expression to nodes that currently send data. A Pushgateway keeps the last samples of a silent
 * node, and rules must not evaluate these outdated samples.
 */
export const restrictToFreshNodes = (expr: string): string =>
  `(${expr})\nand on (cluster, node) edge_node:fresh`;

/** Restricts a PromQL expression to nodes of the fleet. Silent nodes are included. */
export const restrictToFleetNodes = (expr: string): string =>
  `(${expr})\nand on (cluster, node) edge_node:last_seen:timestamp`;

/**
 * Excludes outdated series from a PromQL expression. When the address or group of a node changes, the Pushgateway
 * keeps the series with the previous address or group. These series become outdated after the time `silentAfter`. Until
 * then, the result contains both series of the node, so aggregate the result by node.
 */
export const excludeOutdatedSeries = (series: string): string =>
  `(${series} unless on (${NODE_LABELS}, job, instance) edge_push:outdated)`;

/** Template text by which alerts name a node, such as `edge node edge-1 of group north`. The group is optional. */
export const NODE_TEXT = 'edge node {{ $labels.node }}{{ with $labels.group }} of group {{ . }}{{ end }}';

/**
 * Creates an alert about an edge node. The alert does not fire for silent nodes, whose series are outdated. The
 * expression must keep the labels `cluster` and `node`.
 * @throws InvalidOptionError when the name is invalid or `expr` is missing. The other fields are validated when the
 * alert is added to a rule group.
 */
export function edgeAlert(name: string, rule: UnnamedAlert): AlertRule {
  validateOptions('edgeAlert', { name: [name ?? null, alertName], rule: [rule ?? null, unnamedAlert] });
  return alertingRule(name, { ...rule, expr: restrictToFreshNodes(rule.expr) });
}

const unnamedAlert: Rule = {
  allowed: 'an alert whose field expr is a PromQL expression',
  accepts: (value) => typeof Object(value).expr === 'string',
};
