import { DEFAULT_LOG_BATCH_WAIT } from '../contracts/log-sink';
import { duration, quantity, wholeNumber } from '../core/option-rules';
import { type OptionTable, optionsRule } from '../core/option-table';
import { regularExpression } from '../core/regular-expressions';
import { also, each, having } from '../core/structure-rules';
import type { Rule } from '../core/validation';
import type { LogMatch, LogSelection, LogSending, MultilineRule } from './log-agent';
import { namesOfAgents } from './log-agents';

/** Longest lines a second that a node can be told; over it, the option limits nothing. */
const MOST_LINES = 1_000_000;

/** The options of a rule about lines. */
export const LOG_MATCH = {
  namespace: { rule: regularExpression, default: undefined },
  container: { rule: regularExpression, default: undefined },
  line: { rule: regularExpression, default: undefined },
} satisfies OptionTable<LogMatch>;

/** A rule without any part is about every line: dropping those is surely not meant. */
const aim: Rule = {
  allowed: 'at least one of namespace, container, line',
  accepts: (value) => Object.values(Object(value)).some((part) => part !== undefined),
  problems: (value, path) =>
    aim.accepts(value) ? [] : [`${path} matches every line; allowed: ${aim.allowed}`],
};

const matches = each(also(optionsRule<LogMatch>(LOG_MATCH), aim));

/** The options of lines that are one event. */
export const MULTILINE_RULE = {
  namespace: LOG_MATCH.namespace,
  container: LOG_MATCH.container,
  firstLine: { rule: regularExpression },
  maxWait: { rule: duration, default: '3s' },
} satisfies OptionTable<MultilineRule>;

/** Which lines are sent, and which of them belong together. */
export const LOG_SELECTION = {
  keep: { rule: matches, default: undefined },
  drop: { rule: matches, default: undefined },
  multiline: { rule: each(optionsRule<MultilineRule>(MULTILINE_RULE)), default: undefined },
} satisfies OptionTable<LogSelection>;

/** How lines travel: few requests, and back within a minute. */
export const LOG_SENDING = {
  batchSize: { rule: quantity, default: '1Mi' },
  batchWait: { rule: duration, default: DEFAULT_LOG_BATCH_WAIT },
  maxBackoff: { rule: duration, default: '1m' },
  linesPerSecond: { rule: wholeNumber(1, MOST_LINES), default: undefined },
} satisfies OptionTable<LogSending>;

/** What `sending` may hold. */
export const logSending = optionsRule<LogSending>(LOG_SENDING);

/** The program that reads the files. */
export const logAgent = having(`a log agent, such as ${namesOfAgents()}`, 'files');

/** The lines that are kept; an empty list selects nothing, and so does one that is left out: all are. */
export const keptLines = (keep: readonly LogMatch[] = []): readonly LogMatch[] | undefined =>
  keep.length ? keep : undefined;
