import { duration, quantity, regularExpression, wholeNumber } from '../core/option-rules';
import { also, each, having, type OptionTable, options, required } from '../core/structure-rules';
import type { Rule } from '../core/validation';
import type { LogMatch, LogSelection, LogSending, LogTask, MultilineRule } from './log-agent';
import { namesOfAgents } from './log-agents';

/** Longest lines a second that a node can be told; over it, the option limits nothing. */
const MOST_LINES = 1_000_000;

/** What a collector does unless it is told otherwise: few requests, and back within a minute. */
export const SENDING: LogTask['sending'] = { batchSize: '1Mi', batchWait: '10s', maxBackoff: '1m' };

const match = options<LogMatch>({
  namespace: regularExpression,
  container: regularExpression,
  line: regularExpression,
});

/** A rule without any part is about every line: dropping those is surely not meant. */
const aim: Rule = {
  allowed: 'at least one of namespace, container, line',
  accepts: (value) => Object.values(Object(value)).some((part) => part !== undefined),
  problems: (value, path) =>
    aim.accepts(value) ? [] : [`${path} matches every line; allowed: ${aim.allowed}`],
};

const matches = each(also(match, aim));

/** Which lines are sent, and which of them belong together. */
export const LOG_SELECTION: OptionTable<LogSelection> = {
  keep: matches,
  drop: matches,
  multiline: each(
    options<MultilineRule>({
      namespace: regularExpression,
      container: regularExpression,
      firstLine: required(regularExpression),
      maxWait: duration,
    }),
  ),
};

/** How lines travel. */
export const logSending = options<LogSending>({
  batchSize: quantity,
  batchWait: duration,
  maxBackoff: duration,
  linesPerSecond: wholeNumber(1, MOST_LINES),
});

/** The program that reads the files. */
export const logAgent = having(`a log agent, such as ${namesOfAgents()}`, 'files');

/** The lines that are kept; an empty list selects nothing, and so does one that is left out: all are. */
export const keptLines = (keep: readonly LogMatch[] = []): readonly LogMatch[] | undefined =>
  keep.length ? keep : undefined;
