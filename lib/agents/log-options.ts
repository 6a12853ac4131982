import { DEFAULT_LOG_BATCH_WAIT } from '../contracts/log-sink';
import { duration, quantity, wholeNumberRule } from '../core/option-rules';
import { type OptionTable, optionsRule } from '../core/option-table';
import { regularExpression } from '../core/regular-expressions';
import { combineRulesWithAnd, listRule, objectWithAtLeastFieldsRule } from '../core/structure-rules';
import type { Rule } from '../core/validation';
import type { LogMatch, LogSelection, LogSending, MultilineRule } from './log-agent';
import { formatAgentNames } from './log-agents';

/** Highest value that the option `linesPerSecond` accepts. No node writes more lines per second. */
const MAX_LINES_PER_SECOND = 1_000_000;

/** Validation rules for the fields of `LogMatch`. */
export const LOG_MATCH = {
  namespace: { rule: regularExpression, default: undefined },
  container: { rule: regularExpression, default: undefined },
  line: { rule: regularExpression, default: undefined },
} satisfies OptionTable<LogMatch>;

/**
 * Validation rule for a `LogMatch` with at least one condition. An empty `LogMatch` in `drop` would drop every line.
 */
const atLeastOneCondition: Rule = {
  allowed: 'at least one of the fields "namespace", "container" and "line"',
  accepts: (value) => Object.values(Object(value)).some((part) => part !== undefined),
  problems: (value, path) =>
    atLeastOneCondition.accepts(value)
      ? []
      : [`${path} matches every line; allowed: ${atLeastOneCondition.allowed}`],
};

const matches = listRule(combineRulesWithAnd(optionsRule<LogMatch>(LOG_MATCH), atLeastOneCondition));

/** Validation rules and defaults of `MultilineRule`. */
export const MULTILINE_RULE = {
  namespace: LOG_MATCH.namespace,
  container: LOG_MATCH.container,
  firstLine: { rule: regularExpression },
  maxWait: { rule: duration, default: '3s' },
} satisfies OptionTable<MultilineRule>;

/** Validation rules and defaults of `LogSelection`. */
export const LOG_SELECTION = {
  keep: { rule: matches, default: undefined },
  drop: { rule: matches, default: undefined },
  multiline: { rule: listRule(optionsRule<MultilineRule>(MULTILINE_RULE)), default: undefined },
} satisfies OptionTable<LogSelection>;

/**
 * Validation rules and defaults of `LogSending`. With the defaults, agents send few requests and retry at least once a
 * minute.
 */
export const LOG_SENDING = {
  batchSize: { rule: quantity, default: '1Mi' },
  batchWait: { rule: duration, default: DEFAULT_LOG_BATCH_WAIT },
  maxBackoff: { rule: duration, default: '1m' },
  linesPerSecond: { rule: wholeNumberRule(1, MAX_LINES_PER_SECOND), default: undefined },
} satisfies OptionTable<LogSending>;

/** Validation rule for an option of type `LogSending`. */
export const logSending = optionsRule<LogSending>(LOG_SENDING);

/** Validation rule for an option of type `LogAgent`: an object with the method `files`. */
export const logAgent = objectWithAtLeastFieldsRule(`a log agent, such as ${formatAgentNames()}`, 'files');

/**
 * Returns the conditions of `keep`. Returns `undefined` if the list is empty or not set: the agent then sends all
 * lines.
 */
export const conditionsForKeptLines = (keep: readonly LogMatch[] = []): readonly LogMatch[] | undefined =>
  keep.length ? keep : undefined;
