import { isObjectNotList, labelName } from './option-rules';
import type { Rule } from './validation';

/** Loki's default limits. Loki rejects every line of a stream that exceeds these limits. */
const LOKI = { labels: 15, nameBytes: 1_024, valueBytes: 2_048 } as const;

const utf8ByteLength = (text: string): number => Buffer.byteLength(text, 'utf8');

const isValidStreamLabelName = (name: string): boolean =>
  labelName.accepts(name) && utf8ByteLength(name) <= LOKI.nameBytes;

const isValidStreamLabelValue = (value: unknown): boolean =>
  typeof value === 'string' && /^[^\p{Cc}\p{Cs}]+$/u.test(value) && utf8ByteLength(value) <= LOKI.valueBytes;

/**
 * Validation rule for labels of all log lines. Values must not be empty, because Loki treats an empty label as
 * missing.
 */
export const streamLabels: Rule = {
  allowed: `an object of labels: names of ${labelName.allowed}; values with 1 to ${LOKI.valueBytes} bytes of UTF-8 without control characters`,
  accepts: (value) =>
    isObjectNotList(value) &&
    Object.entries(value).every(
      ([name, held]) => isValidStreamLabelName(name) && isValidStreamLabelValue(held),
    ),
};

/**
 * Returns a validation rule for the number of labels in an object. The number, together with the labels that each
 * line already has, must not exceed Loki's limit.
 * @param own names of the labels that each line already has
 */
export const maxLabelsRule = (own: readonly string[]): Rule => ({
  allowed: `at most ${LOKI.labels - own.length} labels, because Loki accepts ${LOKI.labels} labels, and each line already has ${own.join(', ')}`,
  accepts: (value) => isObjectNotList(value) && Object.keys(value).length <= LOKI.labels - own.length,
});
