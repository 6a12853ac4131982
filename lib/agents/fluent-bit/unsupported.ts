import type { LogMatch, LogRequest, LogSending, MultilineRule, UnsupportedOption } from '../log-agent';

/** Returns the requested options that Fluent Bit does not support. */
export const optionsUnsupportedByFluentBit = (request: LogRequest): readonly UnsupportedOption[] => [
  ...unsupportedSendingOptions(request.sending),
  ...unsupportedRegularExpressions(request),
  ...unsupportedStreamLabels(request.streamLabels),
];

function unsupportedSendingOptions({ batchSize, linesPerSecond }: LogSending = {}): UnsupportedOption[] {
  return [
    {
      option: 'sending.batchSize',
      value: batchSize,
      reason: 'Fluent Bit chooses the size of each batch itself, up to two megabytes',
    },
    {
      option: 'sending.linesPerSecond',
      value: linesPerSecond,
      reason: 'a limit of lines per second in Fluent Bit would lose lines or stop reading log files',
      remedy: 'remove the option, and limit the bandwidth of the node',
    },
  ].filter(({ value }) => value !== undefined);
}

/** Syntax whose meaning differs between RE2 and Onigmo. Options are validated as RE2; Fluent Bit uses Onigmo. */
const UNSUPPORTED_SYNTAX = /\(\?[a-zA-Z-]*[msU]|\\[QC]/;

function unsupportedRegularExpressions({
  keep = [],
  drop = [],
  multiline = [],
}: LogRequest): UnsupportedOption[] {
  const lists: Readonly<Record<string, readonly (LogMatch | MultilineRule)[]>> = { keep, drop, multiline };
  return Object.entries(lists)
    .flatMap(([list, matches]) => matches.map((match, index) => [`${list}[${index}]`, match] as const))
    .flatMap(([path, match]) =>
      Object.entries(match).map(([name, value]) => ({ option: `${path}.${name}`, value })),
    )
    .filter(({ value }) => value !== undefined && UNSUPPORTED_SYNTAX.test(value))
    .map((expression) => ({
      ...expression,
      reason: 'regular expressions of Fluent Bit support only the flag i, and neither \\Q nor \\C',
      remedy: 'remove \\Q, \\C and all flags except i',
    }));
}

/**
 * Returns the labels that Fluent Bit does not support. The configuration of Fluent Bit contains all labels as one
 * text, in which commas separate labels and dollar signs start variables.
 */
const unsupportedStreamLabels = (labels: LogRequest['streamLabels'] = {}): UnsupportedOption[] =>
  Object.entries(labels)
    .filter(([, value]) => /[,$]/.test(value))
    .map(([name, value]) => ({
      option: `streamLabels.${name}`,
      value,
      reason: 'Fluent Bit does not support commas and dollar signs in label values',
      remedy: 'remove commas and dollar signs from the label value',
    }));
