/**
 * Names of the multi-line parsers for the formats of log files. Fluent Bit detects the format of each line.
 * For Docker's format, the built-in parser `docker` is used, because Fluent Bit 5.1.1 crashes if a custom parser reads
 * lines that end with a newline. For all formats, Fluent Bit applies the longest flush timeout of the parsers.
 */
export const MULTILINE_PARSERS = ['docker', 'cri_file'] as const;

/**
 * Milliseconds after which the parsers flush an incomplete line, although the rest of the line may follow. With the
 * four seconds of the built-in parsers, long lines of a backlog would be split.
 */
const FLUSH_TIMEOUT_MILLISECONDS = 3_600_000;

/**
 * Returns the sections `parsers` and `multiline_parsers` for the CRI's format. Container runtimes split a long line
 * into partial lines, which the parsers join.
 */
export function criParserSections(): object {
  const parts = { key_content: 'log', key_group: 'stream', flush_timeout: FLUSH_TIMEOUT_MILLISECONDS };
  const time = { time_key: 'time', time_keep: true };
  return {
    parsers: [
      {
        name: 'cri_line',
        format: 'regex',
        regex: '^(?<time>.+?) (?<stream>stdout|stderr) (?<_p>F|P) (?<log>.*)$',
        time_format: '%Y-%m-%dT%H:%M:%S.%L%z',
        // With `true`, an empty line would not match this format, so Fluent Bit would send the timestamp and the stream
        // as part of the line.
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
