import { displayValue } from '../core/validation';
import { alloy } from './alloy';
import { fluentBit } from './fluent-bit';
import type { AgentExpression, AgentMetrics, LogAgent, LogRequest } from './log-agent';
import { promtail } from './promtail';

/**
 * The log agents of the stack, by the function that creates each. Rules, dashboards and messages derive from
 * this list.
 */
export const LOG_AGENTS: Readonly<Record<string, LogAgent>> = {
  fluentBit: fluentBit(),
  alloy: alloy(),
  promtail: promtail(),
};

/** Returns the default agent: it loses the fewest lines and sends the fewest bytes. */
export const defaultLogAgent = (): LogAgent => fluentBit();

/** Returns the log agents of the stack and custom ones. */
export const knownLogAgents = (others: readonly LogAgent[] = []): readonly LogAgent[] => [
  ...Object.values(LOG_AGENTS),
  ...others,
];

/** Combines an expression over all agents with these metrics; agents with the same metrics share one. */
export function unionOverAgents(
  agents: readonly LogAgent[],
  select: (metrics: AgentMetrics) => string | undefined,
): readonly string[] {
  const all = agents.map(({ metrics }) => metrics && select(metrics));
  return [...new Set(all.filter((expr) => expr !== undefined))];
}

/** Returns an expression for the backlog in bytes, by labels. Log agents are scraped every five minutes. */
export const backlogByLabels = (
  labels: string,
  { backlog }: AgentMetrics,
  ...matchers: readonly string[]
): string => `sum by (${labels}) (${renderAgentExpression(backlog, 'last_over_time', '15m', matchers)})`;

/** Returns a function that applies a range function such as `increase` to each metric. */
export const renderAgentExpression = (
  expression: AgentExpression,
  operation: string,
  range: string,
  matchers: readonly string[] = [],
): string =>
  expression((name, ...own) => {
    const selected = [...matchers, ...own];
    return `${operation}(${name}${selected.length ? `{${selected.join(', ')}}` : ''}[${range}])`;
  });

/** Returns the agents of the stack that meet a condition, as a text such as "promtail() or vector()". */
export function listAgentNames(accepts: (agent: LogAgent) => boolean = () => true): string {
  const names = Object.entries(LOG_AGENTS).flatMap(([name, agent]) => (accepts(agent) ? [`${name}()`] : []));
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter(Boolean).join(' or ');
}

/**
 * Returns an error for each option that an agent does not support, with the remedy.
 * @param at path of the options, with a trailing dot
 */
export function unsupportedAgentOptions(agent: LogAgent, request: LogRequest, at = ''): readonly string[] {
  const unsupportedBy = (other: LogAgent) => other.unsupported?.(request) ?? [];
  return unsupportedBy(agent).map(({ option, value, reason, remedy = 'remove it' }) => {
    const able = listAgentNames((other) => !unsupportedBy(other).some((one) => one.option === option));
    return `${at}${option} is ${displayValue(value)}, and ${reason}: ${remedy}${able && `, or set agent to ${able}`}`;
  });
}

/** Returns the error for an agent that cannot run on edge nodes, or nothing. */
export function unsupportedAtEdge({ needsApiServer }: LogAgent, at = ''): readonly string[] {
  return needsApiServer
    ? [
        `${at}agent needs the API server, which edge nodes cannot reach; allowed: ${listAgentNames((one) => !one.needsApiServer)}`,
      ]
    : [];
}
