import type { LogMatch, LogRequest, LogSending, MultilineRule, UnsupportedOption } from '../log-agent';

/** Returns the requested options that Fluent Bit does not support. */
export const optionsUnsupportedByFluentBit = (request: LogRequest): readonly UnsupportedOption[] => [
  ...unsupportedSendingOptions(request.sending),
  ...unsupportedExpressions(request),
  ...unsupportedLabels(request.streamLabels),
];

function unsupportedSendingOptions({ batchSize, linesPerSecond }: LogSending = {}): UnsupportedOption[] {
  return [
    {
      option: 'sending.batchSize',
      value: batchSize,
      reason: 'Fluent Bit determines the size itself, with at most two megabytes',
    },
    {
      option: 'sending.linesPerSecond',
      value: linesPerSecond,
      reason: "Fluent Bit's own limits lose lines or stop reading",
      remedy: "remove it and limit the node's link",
    },
  ].filter(({ value }) => value !== undefined);
}

/** Syntax whose meaning differs between RE2 and Onigmo. Options are validated as RE2; Fluent Bit uses Onigmo. */
const OTHER_SYNTAX = /\(\?[a-zA-Z-]*[msU]|\\[QC]/;

function unsupportedExpressions({ keep = [], drop = [], multiline = [] }: LogRequest): UnsupportedOption[] {
  const lists: Readonly<Record<string, readonly (LogMatch | MultilineRule)[]>> = { keep, drop, multiline };
  return Object.entries(lists)
    .flatMap(([list, matches]) => matches.map((match, index) => [`${list}[${index}]`, match] as const))
    .flatMap(([path, match]) =>
      Object.entries(match).map(([name, value]) => ({ option: `${path}.${name}`, value })),
    )
    .filter(({ value }) => value !== undefined && OTHER_SYNTAX.test(value))
    .map((expression) => ({
      ...expression,
      reason: "Fluent Bit's regular expressions support only the flag i, and neither \\Q nor \\C",
      remedy: 'use no flag other than i, and neither \\Q nor \\C',
    }));
}

/**
 * Returns the labels that Fluent Bit does not support. The configuration of Fluent Bit contains all labels as one
 * text, in which commas separate labels and dollar signs start variables.
 */
const unsupportedLabels = (labels: LogRequest['streamLabels'] = {}): UnsupportedOption[] =>
  Object.entries(labels)
    .filter(([, value]) => /[,$]/.test(value))
    .map(([name, value]) => ({
      option: `streamLabels.${name}`,
      value,
      reason: 'Fluent Bit does not support commas and dollar signs in labels',
      remedy: 'remove commas and dollar signs from the value',
    }));
