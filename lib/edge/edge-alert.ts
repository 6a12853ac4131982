import type { AlertRule } from '../contracts/rules';
import { alert, type UnnamedAlert } from '../core/alerts';
import { alertName } from '../core/rule-rules';
import { type Rule, verify } from '../core/validation';

/**
 * Labels that identify an edge node. An address is not among them, since it changes and is not unique across
 * sites.
 */
export const NODE = 'cluster, group, node';

/**
 * Restricts an expression to nodes that are not silent. Series that a Pushgateway still holds of a silent
 * node are outdated.
 */
export const onFreshNodes = (expr: string): string => `(${expr})\nand on (cluster, node) edge_node:fresh`;

/** Restricts an expression to nodes of the fleet, including silent ones. */
export const onFleetNodes = (expr: string): string =>
  `(${expr})\nand on (cluster, node) edge_node:last_seen:timestamp`;

/**
 * Drops series that a node left in a Pushgateway under a previous address or group. Apply it before
 * aggregating by node.
 */
export const currentSeries = (series: string): string =>
  `(${series} unless on (${NODE}, job, instance) edge_push:outdated)`;

/** How alerts refer to a node; the group is optional. */
export const NODE_IN_WORDS = 'edge node {{ $labels.node }}{{ with $labels.group }} of group {{ . }}{{ end }}';

/**
 * Creates an alert about an edge node, which does not fire on outdated series of a silent one. Its expression
 * must keep the labels `cluster` and `node`.
 * @throws InvalidOptionError when the rule is malformed; its content is checked where it is added.
 */
export function edgeAlert(name: string, rule: UnnamedAlert): AlertRule {
  verify('edgeAlert', { name: [name ?? null, alertName], rule: [rule ?? null, unnamedAlert] });
  return alert(name, { ...rule, expr: onFreshNodes(rule.expr) });
}

const unnamedAlert: Rule = {
  allowed: 'an alert with its expr, a text',
  accepts: (value) => typeof Object(value).expr === 'string',
};
