import { DEFAULT_LOG_BATCH_WAIT } from '../contracts/log-sink';
import { duration, quantity, wholeNumber } from '../core/option-rules';
import { type OptionTable, optionsRule } from '../core/option-table';
import { regularExpression } from '../core/regular-expressions';
import { allOf, eachMember, objectWithFields } from '../core/structure-rules';
import type { Rule } from '../core/validation';
import type { LogMatch, LogSelection, LogSending, MultilineRule } from './log-agent';
import { listAgentNames } from './log-agents';

/** Maximum of `linesPerSecond`, above which it would not limit anything. */
const MOST_LINES = 1_000_000;

/** The options of a condition on log lines. */
export const LOG_MATCH = {
  namespace: { rule: regularExpression, default: undefined },
  container: { rule: regularExpression, default: undefined },
  line: { rule: regularExpression, default: undefined },
} satisfies OptionTable<LogMatch>;

/** A condition without any part would match every line, which is certainly a mistake when dropping lines. */
const aim: Rule = {
  allowed: 'at least one of namespace, container, line',
  accepts: (value) => Object.values(Object(value)).some((part) => part !== undefined),
  problems: (value, path) =>
    aim.accepts(value) ? [] : [`${path} matches every line; allowed: ${aim.allowed}`],
};

const matches = eachMember(allOf(optionsRule<LogMatch>(LOG_MATCH), aim));

/** The options of a rule for joining lines. */
export const MULTILINE_RULE = {
  namespace: LOG_MATCH.namespace,
  container: LOG_MATCH.container,
  firstLine: { rule: regularExpression },
  maxWait: { rule: duration, default: '3s' },
} satisfies OptionTable<MultilineRule>;

/** The options that select and join log lines. */
export const LOG_SELECTION = {
  keep: { rule: matches, default: undefined },
  drop: { rule: matches, default: undefined },
  multiline: { rule: eachMember(optionsRule<MultilineRule>(MULTILINE_RULE)), default: undefined },
} satisfies OptionTable<LogSelection>;

/** The options for batches and retries. The defaults send few requests, and resume within a minute. */
export const LOG_SENDING = {
  batchSize: { rule: quantity, default: '1Mi' },
  batchWait: { rule: duration, default: DEFAULT_LOG_BATCH_WAIT },
  maxBackoff: { rule: duration, default: '1m' },
  linesPerSecond: { rule: wholeNumber(1, MOST_LINES), default: undefined },
} satisfies OptionTable<LogSending>;

/** Rule for an option with batches and retries. */
export const logSending = optionsRule<LogSending>(LOG_SENDING);

/** Rule for a log agent. */
export const logAgent = objectWithFields(`a log agent, such as ${listAgentNames()}`, 'files');

/** Returns the conditions of lines to keep; undefined for an empty list, which keeps all lines. */
export const linesToKeep = (keep: readonly LogMatch[] = []): readonly LogMatch[] | undefined =>
  keep.length ? keep : undefined;
