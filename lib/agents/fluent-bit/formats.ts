/**
 * Formats of files that it tells apart line by line, by the names of their parsers. That of Docker is its own: one that is
 * configured for lines that end with a newline makes 5.1.1 crash. The longest time of all counts.
 */
export const FORMATS = ['docker', 'cri_file'] as const;

/**
 * Once in so many milliseconds it gives up waiting for the rest of a line, of all files at once, whether the rest is on its
 * way or not. Its own parsers of the same formats do so every four seconds, which cuts long lines of a backlog in two.
 */
const GIVE_UP_MILLISECONDS = 3_600_000;

/** Parsers of what runtimes write, which join the parts of lines that are longer than a runtime's buffer. */
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
        // An empty line without `log` would be none of this format, and be sent with its time and stream before it.
        skip_empty_values: false,
        ...time,
      },
    ],
    multiline_parsers: [
      { name: FORMATS[1], type: 'equal', match_string: 'F', key_pattern: '_p', parser: 'cri_line', ...parts },
    ],
  };
}
