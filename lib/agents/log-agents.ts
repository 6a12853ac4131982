import { shown } from '../core/validation';
import { alloy } from './alloy';
import { fluentBit } from './fluent-bit';
import type { AgentExpression, AgentMetrics, LogAgent, LogRequest } from './log-agent';
import { promtail } from './promtail';

/** The log agents of the stack, by the function that makes each. Rules, dashboards and messages know no other list. */
const LOG_AGENTS: Readonly<Record<string, LogAgent>> = {
  fluentBit: fluentBit(),
  alloy: alloy(),
  promtail: promtail(),
};

/** The agent that a collector runs by default: it loses the fewest lines and sends the fewest bytes. */
export const defaultLogAgent = (): LogAgent => fluentBit();

/** The log agents of the stack, and those that others brought. */
export const logAgentsWith = (others: readonly LogAgent[] = []): readonly LogAgent[] => [
  ...Object.values(LOG_AGENTS),
  ...others,
];

/** One expression for each of the agents that export what it reads; agents that export the same share one. */
export function ofAgents(
  agents: readonly LogAgent[],
  select: (metrics: AgentMetrics) => string | undefined,
): readonly string[] {
  const all = agents.map(({ metrics }) => metrics && select(metrics));
  return [...new Set(all.filter((expr) => expr !== undefined))];
}

/** Bytes that each set of labels has still to read or to send. Log agents are scraped once in five minutes. */
export const backlogBy = (
  labels: string,
  { backlog }: AgentMetrics,
  ...matchers: readonly string[]
): string => `sum by (${labels}) (${read(backlog, 'last_over_time', '15m', matchers)})`;

/** An expression of which each metric is read over a range of time, by a function such as `increase`. */
export const read = (
  expression: AgentExpression,
  operation: string,
  range: string,
  matchers: readonly string[] = [],
): string =>
  expression((name, ...own) => {
    const selected = [...matchers, ...own];
    return `${operation}(${name}${selected.length ? `{${selected.join(', ')}}` : ''}[${range}])`;
  });

/** The agents of the stack as options name them, such as "alloy() or promtail()"; those that a condition holds for. */
export function namesOfAgents(accepts: (agent: LogAgent) => boolean = () => true): string {
  const names = Object.entries(LOG_AGENTS).flatMap(([name, agent]) => (accepts(agent) ? [`${name}()`] : []));
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter(Boolean).join(' or ');
}

/**
 * What an agent cannot do of what users ask of it: a sentence for each option, which names what to do instead.
 *
 * @param at path of the request, with a dot at its end
 */
export function unsupportedOptions(agent: LogAgent, request: LogRequest, at = ''): readonly string[] {
  const refused = (other: LogAgent) => other.unsupported?.(request) ?? [];
  return refused(agent).map(({ option, value, reason, remedy = 'leave it out' }) => {
    const able = namesOfAgents((other) => !refused(other).some((one) => one.option === option));
    return `${at}${option} is ${shown(value)}, and ${reason}: ${remedy}${able && `, or set agent to ${able}`}`;
  });
}

/** What keeps an agent from running on edge nodes: a sentence, or none. */
export function unsupportedAtEdge({ needsApiServer }: LogAgent, at = ''): readonly string[] {
  return needsApiServer
    ? [
        `${at}agent asks the API server, which edge nodes cannot reach; allowed: ${namesOfAgents((one) => !one.needsApiServer)}`,
      ]
    : [];
}
