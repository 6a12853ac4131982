import type { AlertRule } from '../contracts/rules';
import { alert, type UnnamedAlert } from '../core/alerts';
import { alertName } from '../core/rule-rules';
import { type Rule, verify } from '../core/validation';

/** What tells the nodes of the edge apart. An address changes, and repeats itself in every site. */
export const NODE = 'cluster, group, node';

/**
 * Keeps series of nodes that are not silent, and of the edge: what a Pushgateway still shows of a node that
 * went silent says nothing about it.
 */
export const heardOf = (expr: string): string => `(${expr})\nand on (cluster, node) edge_node:fresh`;

/** Keeps series of nodes of the fleet, silent ones included. */
export const ofFleet = (expr: string): string =>
  `(${expr})\nand on (cluster, node) edge_node:last_seen:timestamp`;

/**
 * Leaves out what a node left behind in a Pushgateway when it got another address or group. It comes before what sums
 * series up by node.
 */
export const current = (series: string): string =>
  `(${series} unless on (${NODE}, job, instance) edge_push:outdated)`;

/** How alerts name a node; not every fleet has groups. */
export const NODE_IN_WORDS = 'edge node {{ $labels.node }}{{ with $labels.group }} of group {{ . }}{{ end }}';

/**
 * An alert about one node of the edge, which is not raised by the old numbers of a silent one. Its expression keeps
 * the labels `cluster` and `node`.
 *
 * @throws InvalidOptionError when it is no rule; what is in it is checked where it is added.
 */
export function edgeAlert(name: string, rule: UnnamedAlert): AlertRule {
  verify('edgeAlert', { name: [name ?? null, alertName], rule: [rule ?? null, unnamedAlert] });
  return alert(name, { ...rule, expr: heardOf(rule.expr) });
}

const unnamedAlert: Rule = {
  allowed: 'an alert with its expr, a text',
  accepts: (value) => typeof Object(value).expr === 'string',
};
