/**
 * Parsers of the log file formats, which are detected line by line. The parser for Docker's format is defined
 * here, since Fluent Bit 5.1.1 crashes with one for lines that end with a newline. The longest flush timeout
 * of all parsers applies.
 */
export const FORMATS = ['docker', 'cri_file'] as const;

/**
 * Timeout after which incomplete lines of all files are flushed, even if the rest is still to come. The
 * built-in parsers of the same formats use four seconds, which splits long lines of a backlog.
 */
const GIVE_UP_MILLISECONDS = 3_600_000;

/**
 * Returns parsers for the container runtimes' formats, which join partial lines that exceed the runtime's
 * buffer.
 */
export function fluentBitFormats(): object {
  const parts = { key_content: 'log', key_group: 'stream', flush_timeout: GIVE_UP_MILLISECONDS };
  const time = { time_key: 'time', time_keep: true };
  return {
    parsers: [
      {
        name: 'cri_line',
        format: 'regex',
        regex: '^(?<time>.+?) (?<stream>stdout|stderr) (?<_p>F|P) (?<log>.*)$',
        time_format: '%Y-%m-%dT%H:%M:%S.%L%z',
        // Without it, an empty line would not match this format, and would be sent with its timestamp and
        // stream.
        skip_empty_values: false,
        ...time,
      },
    ],
    multiline_parsers: [
      { name: FORMATS[1], type: 'equal', match_string: 'F', key_pattern: '_p', parser: 'cri_line', ...parts },
    ],
  };
}
