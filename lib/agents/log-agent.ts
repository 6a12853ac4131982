import type { CertificateFiles } from '../core/client-login';
import type { ImageName } from '../core/images';
import type { Architecture } from '../core/placement';
import type { Resources } from '../core/pods';
import type { Duration, Quantity } from '../core/units';

/** Port of the HTTP server of every log agent. */
export const LOG_AGENT_PORT = 12_345;

/** Conditions that select log lines; a line must meet all that are set. */
export interface LogMatch {
  /** RE2 expression that matches the whole namespace. @default - every namespace */
  readonly namespace?: string;
  /** RE2 expression that matches the whole name of the container. @default - every container */
  readonly container?: string;
  /** RE2 expression that matches anywhere in the line. @default - every line */
  readonly line?: string;
}

/** Rule for joining lines of an event, such as a stack trace. */
export interface MultilineRule extends Omit<LogMatch, 'line'> {
  /** RE2 expression for the first line of each event; the following lines are joined to it. */
  readonly firstLine: string;
  /** Maximum time that an event waits for its next line. @default "3s" */
  readonly maxWait?: Duration;
}

/** Options that select and join log lines. Lines are joined before they are selected. */
export interface LogSelection {
  /** Conditions of which a line must meet at least one to be sent. @default - all lines */
  readonly keep?: readonly LogMatch[];
  /** Conditions for lines to drop, among those that are kept. @default - none */
  readonly drop?: readonly LogMatch[];
  /** Rules for joining lines. @default - each line is an event */
  readonly multiline?: readonly MultilineRule[];
}

/** Options for batches and retries of log lines. */
export interface LogSending {
  /**
   * Maximum size of a batch before compression. Not supported by Fluent Bit, whose batches have at most two
   * megabytes. @default "1Mi"
   */
  readonly batchSize?: Quantity;
  /**
   * Maximum time that a line waits for a batch; a longer time saves requests on a metered link.
   * @default "10s"
   */
  readonly batchWait?: Duration;
  /** Maximum backoff between retries. @default "1m" */
  readonly maxBackoff?: Duration;
  /**
   * Maximum number of lines per second, so that the backlog of an outage does not saturate the link; further
   * lines wait in their files. Not supported by Fluent Bit, whose own limits lose lines.
   * @default - no limit
   */
  readonly linesPerSecond?: number;
}

/** The Loki that an agent sends log lines to. */
export interface LogTarget {
  /** Full URL of Loki's push API. */
  readonly url: string;
  /** Folder with the files `username` and `password`. @default - no authentication */
  readonly credentialsDir?: string;
  /** Folder with a file for the password of each user so far, `_` replacing `/` in its name. @default - no `readsPasswordFiles` */
  readonly passwordsDir?: string;
  /** The node's certificate, which the agent shows. @default - none */
  readonly certificate?: CertificateFiles;
  /** File with the CA certificate that verifies the server. @default - the public CA certificates */
  readonly caFile?: string;
  /** Whether the agent uses the proxy of its environment. @default false */
  readonly byProxy?: boolean;
  /** Tenant of the lines; edge agents do not set it, since it is the user's name. @default - none */
  readonly tenant?: string;
}

/** Configuration that a collector passes to its log agent. */
export interface LogTask extends LogSelection {
  /** Labels of every line, such as `cluster`, in addition to those that the agent finds. */
  readonly labels: Readonly<Record<string, string>>;
  /** Destination of the lines: the public host for edge agents, Loki itself for cloud agents. */
  readonly target: LogTarget;
  /** Batches and retries with all defaults, except for `linesPerSecond`, which has none. */
  readonly sending: Required<Omit<LogSending, 'linesPerSecond'>> & Pick<LogSending, 'linesPerSecond'>;
  /** Folder of the configuration files. */
  readonly configDir: string;
  /** Persistent folder for read positions and unsent lines. */
  readonly stateDir: string;
  /** Address and port of the agent's HTTP server. */
  readonly listen: { readonly address: string; readonly port: number };
}

/**
 * Returns the selector of a metric in an expression. The rule or panel adds its own matchers, range and
 * function.
 * @param matchers further matchers of the metric, such as `component_id="loki"`
 */
export type ReadMetric = (name: string, ...matchers: readonly string[]) => string;

/** A PromQL expression about an agent, which rules and dashboards for all agents use. */
export type AgentExpression = (read: ReadMetric) => string;

/** The metrics of an agent that rules and dashboards use. */
export interface AgentMetrics {
  /** Path of the metrics on its HTTP server, such as `/metrics`. */
  readonly path: string;
  /** Backlog in bytes: lines not yet read or sent. */
  readonly backlog: AgentExpression;
  /** Gauge that is 1 while the agent pauses reading because of unsent lines. @default - none */
  readonly paused?: string;
  /** Counter of compressed bytes that Loki accepted. @default - none */
  readonly sent?: AgentExpression;
  /** Counter of lines that were dropped, and thereby lost. */
  readonly dropped: AgentExpression;
  /** Counter of retried requests. */
  readonly retried: string;
}

/** Returns the names of all these metrics. */
export function metricNamesOf({ backlog, paused, sent, dropped, retried }: AgentMetrics): string[] {
  const names = new Set<string>();
  const add: ReadMetric = (name) => {
    names.add(name);
    return name;
  };
  backlog(add);
  if (paused !== undefined) add(paused);
  sent?.(add);
  dropped(add);
  add(retried);
  return [...names];
}

/** Returns an expression for the unread bytes of files, for agents with a pair of gauges per file. */
export const unreadBytes =
  (written: string, read: string): AgentExpression =>
  (value) =>
    // A truncated file is shorter than the position in it.
    `clamp_min(${value(written)} - ${value(read)}, 0)`;

/** Options of a collector that its log agent must support. */
export interface LogRequest extends LogSelection {
  /** Batches and retries. @default - the collector's defaults */
  readonly sending?: LogSending;
  /** Additional labels of every line. @default - none */
  readonly streamLabels?: Readonly<Record<string, string>>;
}

/** An option that an agent does not support. */
export interface UnsupportedOption {
  /** Path of the option, such as `sending.batchSize`. */
  readonly option: string;
  /** Value of the option. */
  readonly value: unknown;
  /** Reason why the agent does not support it, as a clause. */
  readonly reason: string;
  /** Remedy other than choosing another agent. @default "leave it out" */
  readonly remedy?: string;
}

/**
 * A program that reads the log files of a node's containers and sends their lines to Loki. It derives
 * `namespace`, `pod`, `container`, `job` and `stream` from the file system alone, detects Docker's and the
 * CRI's format, joins partial lines, resumes after a restart where it was, and pauses reading while Loki is
 * unavailable: the files are the buffer. The variable NODE_NAME is the label `node`.
 *
 * To add an agent, create a folder with an implementation and a line in `log-agents.ts`.
 */
export interface LogAgent {
  /** Name of its container. */
  readonly name: string;
  /** Name of an image of the stack, or a full reference with a tag or digest. */
  readonly image: ImageName | (string & {});
  /** Architectures of the image. */
  readonly architectures: readonly Architecture[];
  /** Default resources of its container, which the collector's `resources` override. */
  readonly resources: Resources;
  /** Whether it needs the API server, which edge nodes do not have. */
  readonly needsApiServer: boolean;
  /** Notice for its users, printed once at synthesis. @default - none */
  readonly notice?: string;
  /** Command that replaces the image's entry point. @default - the image's entry point */
  readonly command?: readonly string[];
  /** Path that is answered with 200 when the agent is ready. */
  readonly readyPath: string;
  /** Path that makes it reload its configuration, by POST. */
  readonly reloadPath: string;
  /**
   * Path whose response changes with each successful reload, for agents that answer a POST to `reloadPath`
   * earlier.
   * @default - a failed reload is answered with an error
   */
  readonly reloadCountPath?: string;
  /** Environment variable of the HTTPS proxy. @default "HTTPS_PROXY" */
  readonly proxyVariable?: 'HTTP_PROXY' | 'HTTPS_PROXY';
  /** Whether it reads passwords from `passwordsDir` of the target at each request. @default false */
  readonly readsPasswordFiles?: boolean;
  /** Its metrics. @default - not scraped */
  readonly metrics?: AgentMetrics;
  /** Returns the arguments of its container: configuration, state folder and listen address. */
  args(task: LogTask): string[];
  /** Returns its configuration files by name. */
  files(task: LogTask): Record<string, string>;
  /**
   * Returns the options that it does not support. Collectors refuse them, and name agents that do.
   * @default - all options are supported
   */
  unsupported?(request: LogRequest): readonly UnsupportedOption[];
}

/** The labels that every agent derives for a line. Properties with many values are not labels. */
export const LINE_LABELS = ['namespace', 'pod', 'container', 'job', 'stream'];

/** Log files of a node's containers: `<namespace>_<pod>_<uid>/<container>/<restart>.log`. */
export const POD_LOGS = '/var/log/pods/*/*/*.log';

/** RE2 expression with named groups for the parts of such a path. */
export const POD_LOG_PATH =
  '/var/log/pods/(?P<namespace>[^_/]+)_(?P<pod>[^_/]+)_[^/]+/(?P<container>[^/]+)/[^/]+\\.log';

/** Maximum number of lines that are joined to an event; longer stack traces are split. */
export const MOST_LINES_OF_AN_EVENT = 1_000;

/** Timeout of a request; on a slow link a batch takes a minute. */
export const REQUEST_TIMEOUT = '2m';

/**
 * Docker's JSON format, and its conversion to the CRI's format, so that one stage joins partial lines of
 * both: Docker marks the end of a line with a newline, the CRI marks a partial line with `P`.
 */
export const DOCKER_FORMAT = {
  line: '^\\{"log":.*\\}$',
  fields: ['log', 'stream', 'time'],
  template:
    '{{ .time }} {{ .stream }} {{ if eq (TrimSuffix .log "\\n") .log }}P{{ else }}F{{ end }} {{ TrimSuffix .log "\\n" }}',
} as const;

/** Returns a LogQL selector for the lines of a rule, as the `match` stages of Loki's own agents use it. */
export function logSelector({ namespace, container, line }: LogMatch, ...more: readonly string[]): string {
  const matchers = [
    // A selector needs at least one matcher that does not match an empty label.
    'job=~".+"',
    ...(namespace === undefined ? [] : [`namespace=~${JSON.stringify(namespace)}`]),
    ...(container === undefined ? [] : [`container=~${JSON.stringify(container)}`]),
    ...more,
  ];
  return `{${matchers.join(', ')}}${line === undefined ? '' : ` |~ ${JSON.stringify(line)}`}`;
}
