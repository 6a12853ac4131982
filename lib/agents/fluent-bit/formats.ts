/**
 * Names of the multi-line parsers for the formats of log files. Fluent Bit detects the format of each line. `docker` is
 * built in, because Fluent Bit 5.1.1 crashes with a custom parser for lines that end with a newline. The longest flush
 * timeout of all parsers applies.
 */
export const MULTILINE_PARSERS = ['docker', 'cri_file'] as const;

/**
 * Milliseconds after which the parsers flush an incomplete line although its rest may follow. The built-in parsers have
 * four seconds, which splits long lines of a backlog.
 */
const FLUSH_TIMEOUT_MILLISECONDS = 3_600_000;

/** Returns the parsers for the CRI's format. They join partial lines, into which a runtime splits a long line. */
export function fluentBitFormats(): object {
  const parts = { key_content: 'log', key_group: 'stream', flush_timeout: FLUSH_TIMEOUT_MILLISECONDS };
  const time = { time_key: 'time', time_keep: true };
  return {
    parsers: [
      {
        name: 'cri_line',
        format: 'regex',
        regex: '^(?<time>.+?) (?<stream>stdout|stderr) (?<_p>F|P) (?<log>.*)$',
        time_format: '%Y-%m-%dT%H:%M:%S.%L%z',
        // With true, an empty line would not match this format and would be sent with its timestamp and stream.
        skip_empty_values: false,
        ...time,
      },
    ],
    multiline_parsers: [
      {
        name: MULTILINE_PARSERS[1],
        type: 'equal',
        match_string: 'F',
        key_pattern: '_p',
        parser: 'cri_line',
        ...parts,
      },
    ],
  };
}
