import { isRecord, labelName } from './option-rules';
import type { Rule } from './validation';

/** What Loki takes by itself; it refuses every line of a stream that has more. */
const LOKI = { labels: 15, nameBytes: 1_024, valueBytes: 2_048 } as const;

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');

const isName = (name: string): boolean => labelName.accepts(name) && bytesOf(name) <= LOKI.nameBytes;

const isValue = (value: unknown): boolean =>
  typeof value === 'string' && /^[^\p{Cc}\p{Cs}]+$/u.test(value) && bytesOf(value) <= LOKI.valueBytes;

/** Labels for every line; an empty value is none to Loki. */
export const streamLabels: Rule = {
  allowed:
    `labels, each name of ${labelName.allowed}, each value a text of 1 to ${LOKI.valueBytes} bytes of UTF-8 ` +
    'without control characters',
  accepts: (value) =>
    isRecord(value) && Object.entries(value).every(([name, held]) => isName(name) && isValue(held)),
};

/** No more labels than Loki takes beside these, which lines have anyway. */
export const besides = (own: readonly string[]): Rule => ({
  allowed: `at most ${LOKI.labels - own.length} labels: Loki takes ${LOKI.labels}, and lines have ${own.join(', ')}`,
  accepts: (value) => isRecord(value) && Object.keys(value).length <= LOKI.labels - own.length,
});
