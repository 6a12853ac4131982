import { formatValue } from '../core/validation';
import { alloy } from './alloy';
import { fluentBit } from './fluent-bit';
import type { AgentExpression, AgentMetrics, LogAgent, LogRequest } from './log-agent';
import { promtail } from './promtail';

/**
 * The log agents of the stack. Keys are the names of the functions that create the agents, such as `fluentBit`. Rules,
 * dashboards and messages cover all these agents.
 */
export const LOG_AGENTS: Readonly<Record<string, LogAgent>> = {
  fluentBit: fluentBit(),
  alloy: alloy(),
  promtail: promtail(),
};

/** Returns the default log agent, Fluent Bit, which loses the fewest lines and sends the fewest bytes. */
export const defaultLogAgent = (): LogAgent => fluentBit();

/** Returns the log agents of the stack, followed by custom agents. */
export const allLogAgents = (others: readonly LogAgent[] = []): readonly LogAgent[] => [
  ...Object.values(LOG_AGENTS),
  ...others,
];

/**
 * Calls `select` with the metrics of each agent, and returns the resulting PromQL expressions without duplicates.
 * Agents without metrics, and agents for which `select` returns `undefined`, are left out. The caller joins the
 * expressions with `or`.
 */
export function distinctPromqlExpressionsOfAgents(
  agents: readonly LogAgent[],
  select: (metrics: AgentMetrics) => string | undefined,
): readonly string[] {
  const all = agents.map(({ metrics }) => metrics && select(metrics));
  return [...new Set(all.filter((expr) => expr !== undefined))];
}

/**
 * Returns a PromQL expression for the backlog of log agents in bytes, summed by labels. The expression uses the last
 * sample within 15 minutes, because log agents are scraped every five minutes.
 * @param labels names of the labels to sum by, separated by commas
 * @param matchers label matchers that each metric must meet
 */
export const backlogByLabelsExpression = (
  labels: string,
  { backlog }: AgentMetrics,
  ...matchers: readonly string[]
): string =>
  `sum by (${labels}) (${renderAgentPromqlWithRangeFunction(backlog, 'last_over_time', '15m', matchers)})`;

/**
 * Renders an agent's PromQL expression, with a range function applied to each metric.
 * @param operation name of the range function, such as `increase`
 * @param range range of the function, such as `3h`
 * @param matchers label matchers that each metric must meet
 */
export const renderAgentPromqlWithRangeFunction = (
  expression: AgentExpression,
  operation: string,
  range: string,
  matchers: readonly string[] = [],
): string =>
  expression((name, ...own) => {
    const selected = [...matchers, ...own];
    return `${operation}(${name}${selected.length ? `{${selected.join(', ')}}` : ''}[${range}])`;
  });

/**
 * Renders the names of the stack's agents as a text, such as "alloy() or promtail()".
 * @param accepts returns whether to include an agent; the default includes all agents
 */
export function formatAgentNames(accepts: (agent: LogAgent) => boolean = () => true): string {
  const names = Object.entries(LOG_AGENTS).flatMap(([name, agent]) => (accepts(agent) ? [`${name}()`] : []));
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter(Boolean).join(' or ');
}

/**
 * Returns an error message for each option that an agent does not support. The message contains the reason and the
 * remedy, including agents that support the option.
 * @param at path of the options with a trailing dot, such as `edge.logs.`
 */
export function problemsOfOptionsUnsupportedByAgent(
  agent: LogAgent,
  request: LogRequest,
  at = '',
): readonly string[] {
  const requestedOptionsUnsupportedByAgent = (other: LogAgent) => other.unsupported?.(request) ?? [];
  return requestedOptionsUnsupportedByAgent(agent).map(
    ({ option, value, reason, remedy = 'remove the option' }) => {
      const able = formatAgentNames(
        (other) => !requestedOptionsUnsupportedByAgent(other).some((one) => one.option === option),
      );
      return `${at}${option} is ${formatValue(value)}, but ${reason}: ${remedy}${able && `, or set the option "agent" to ${able}`}`;
    },
  );
}

/**
 * Returns one error message if an agent needs the API server, which edge nodes cannot reach, otherwise an empty list.
 * @param at path of the options with a trailing dot, such as `edge.logs.`
 */
export function agentNeedsApiServerProblems({ name, needsApiServer }: LogAgent, at = ''): readonly string[] {
  return needsApiServer
    ? [
        `${at}agent is ${name}, which needs the API server, but edge nodes cannot reach the API server; allowed: ${formatAgentNames((one) => !one.needsApiServer)}`,
      ]
    : [];
}
