import type { Construct } from 'constructs';
import { duration, quantity, regularExpression, wholeNumber } from '../core/option-rules';
import { type Checks, invalid, ofEach, verify } from '../core/validation';
import type { LogMatch, LogSelection, LogSending, LogTask } from './log-agent';

/** Longest lines a second that a node can be told; over it, the option limits nothing. */
const MOST_LINES = 1_000_000;

/** What a collector does unless it is told otherwise: few requests, and back within a minute. */
export const SENDING: LogTask['sending'] = { batchSize: '1Mi', batchWait: '10s', maxBackoff: '1m' };

/**
 * Checks what a collector was told of lines.
 *
 * @throws InvalidOptionError that names each option that is not allowed.
 */
export function verifyLogOptions(
  where: Construct,
  { keep = [], drop = [], multiline = [] }: LogSelection,
  sending: LogSending = {},
): void {
  verify(where, {
    ...matchChecks('keep', keep),
    ...matchChecks('drop', drop),
    ...matchChecks('multiline', multiline),
    ...ofEach('multiline', multiline, ({ firstLine, maxWait }) => ({
      firstLine: [firstLine ?? null, regularExpression],
      maxWait: [maxWait, duration],
    })),
    'sending.batchSize': [sending.batchSize, quantity],
    'sending.batchWait': [sending.batchWait, duration],
    'sending.maxBackoff': [sending.maxBackoff, duration],
    'sending.linesPerSecond': [sending.linesPerSecond, wholeNumber(1, MOST_LINES)],
  });
  for (const [name, matches] of Object.entries({ keep, drop })) verifyAim(where, name, matches);
}

/** The lines that are kept; an empty list selects nothing, and so does one that is left out: all are. */
export const keptLines = (keep: readonly LogMatch[] = []): readonly LogMatch[] | undefined =>
  keep.length ? keep : undefined;

/** A rule without any part is about every line: dropping those is surely not meant. */
function verifyAim(where: Construct, name: string, matches: readonly LogMatch[]): void {
  const aimless = matches.findIndex(
    ({ namespace, container, line }) => (namespace ?? container ?? line) === undefined,
  );
  if (aimless >= 0) {
    throw invalid(
      where,
      `${name}[${aimless}] matches every line; allowed: at least one of namespace, container, line`,
    );
  }
}

function matchChecks(name: string, matches: readonly LogMatch[]): Checks {
  return ofEach(name, matches, ({ namespace, container, line }) => ({
    namespace: [namespace, regularExpression],
    container: [container, regularExpression],
    line: [line, regularExpression],
  }));
}
