import type { LogMatch } from './log-agent';

/**
 * Glob for the log files of a node's containers. The name of a log file is
 * `<namespace>_<pod>_<uid>/<container>/<restart>.log`.
 */
export const POD_LOGS = '/var/log/pods/*/*/*.log';

/** RE2 expression for the path of a log file, with the named groups `namespace`, `pod` and `container`. */
export const POD_LOG_PATH =
  '/var/log/pods/(?P<namespace>[^_/]+)_(?P<pod>[^_/]+)_[^/]+/(?P<container>[^/]+)/[^/]+\\.log';

/** Maximum number of lines of an event. Longer stack traces are split. */
export const MAX_LINES_PER_EVENT = 1_000;

/** Timeout of a push request to Loki. On a slow link, sending a batch can take a minute. */
export const REQUEST_TIMEOUT = '2m';

/**
 * Conversion of Docker's JSON format to the CRI's format, so that one stage can join the partial lines of both formats.
 * `line` is an expression that matches lines in Docker's format, `fields` are the JSON fields to read, and `template`
 * renders these fields in the CRI's format. Docker marks the end of a line with a newline; the CRI marks a partial line
 * with `P`.
 */
export const DOCKER_FORMAT = {
  line: '^\\{"log":.*\\}$',
  fields: ['log', 'stream', 'time'],
  template:
    '{{ .time }} {{ .stream }} {{ if eq (TrimSuffix .log "\\n") .log }}P{{ else }}F{{ end }} {{ TrimSuffix .log "\\n" }}',
} as const;

/**
 * Returns a LogQL selector for the lines that meet the conditions, for `match` stages of Grafana's log agents.
 * @param more additional label matchers, such as `kept!="yes"`
 */
export function renderLogqlSelector(
  { namespace, container, line }: LogMatch,
  ...more: readonly string[]
): string {
  const matchers = [
    // A LogQL selector needs at least one matcher that does not match an empty value.
    'job=~".+"',
    ...(namespace === undefined ? [] : [`namespace=~${JSON.stringify(namespace)}`]),
    ...(container === undefined ? [] : [`container=~${JSON.stringify(container)}`]),
    ...more,
  ];
  return `{${matchers.join(', ')}}${line === undefined ? '' : ` |~ ${JSON.stringify(line)}`}`;
}
