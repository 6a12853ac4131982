import type { ImageName } from '../core/images';
import type { Architecture } from '../core/placement';
import type { Resources } from '../core/pods';
import type { Duration, Quantity } from '../core/units';

/** Where a log agent listens, whichever it is. */
export const LOG_AGENT_PORT = 12_345;

/** Lines that a rule is about: those for which every part that is given matches. */
export interface LogMatch {
  /** RE2 expression that the whole namespace matches. @default - every namespace */
  readonly namespace?: string;
  /** RE2 expression that the whole name of the container matches. @default - every container */
  readonly container?: string;
  /** RE2 expression that matches somewhere in the line. @default - every line */
  readonly line?: string;
}

/** Lines that are one event, such as a stack trace. */
export interface MultilineRule extends Omit<LogMatch, 'line'> {
  /** RE2 expression that matches the first line of each event; what follows is joined to it. */
  readonly firstLine: string;
  /** How long an event waits for its next line. @default "3s" */
  readonly maxWait?: Duration;
}

/** Which lines are sent, and which of them belong together. Lines are joined first, then chosen. */
export interface LogSelection {
  /** Only lines that match one of these are sent. @default - all lines */
  readonly keep?: readonly LogMatch[];
  /** Of what is kept, lines that match one of these are not sent. @default - none */
  readonly drop?: readonly LogMatch[];
  /** Lines that are one event. @default - each line is an event */
  readonly multiline?: readonly MultilineRule[];
}

/** How lines travel. */
export interface LogSending {
  /**
   * Lines are sent together up to this size, before compression. Refused for Fluent Bit, which has a size of its own, of two
   * megabytes at most. @default "1Mi"
   */
  readonly batchSize?: Quantity;
  /** How long a line waits for others: fewer requests on a metered link. @default "10s" */
  readonly batchWait?: Duration;
  /** The longest pause between two tries while the link is down. @default "1m" */
  readonly maxBackoff?: Duration;
  /**
   * At most so many lines a second, so that what an outage left behind does not fill the link; lines
   * over it wait in their files. Refused for Fluent Bit, whose own limits lose lines. @default - no limit
   */
  readonly linesPerSecond?: number;
}

/** Where an agent sends lines to. */
export interface LogTarget {
  /** Full address of Loki's push API. */
  readonly url: string;
  /** Folder with the files `username` and `password`. @default - no authentication */
  readonly credentialsDir?: string;
  /** File with a private authority. @default - public authorities */
  readonly caFile?: string;
  /** Whether the agent asks the proxy of its environment. @default false */
  readonly byProxy?: boolean;
  /** The tenant that the lines are for; at the edge it is the user's name, and not said. @default - none */
  readonly tenant?: string;
}

/** What a collector asks of its agent, whichever that is. */
export interface LogTask extends LogSelection {
  /** Labels of every line beside those that the agent finds: `cluster` and the like. */
  readonly labels: Readonly<Record<string, string>>;
  /** Where the lines go: the public host from the edge, Loki itself from the cloud. */
  readonly target: LogTarget;
  /** How they travel, with every default filled in but `linesPerSecond`, which has none. */
  readonly sending: Required<Omit<LogSending, 'linesPerSecond'>> & Pick<LogSending, 'linesPerSecond'>;
  /** Folder with the configuration's files. */
  readonly configDir: string;
  /** Folder that survives the pod: positions, and what was read and not sent yet. */
  readonly stateDir: string;
  /** Address and port of the agent's own HTTP server. */
  readonly listen: { readonly address: string; readonly port: number };
}

/**
 * Reads a metric of an agent in an expression. The rule or panel that holds the expression adds its own matchers, and the range and
 * function of time.
 *
 * @param matchers further matchers of the metric, such as `component_id="loki"`
 */
export type ReadMetric = (name: string, ...matchers: readonly string[]) => string;

/** Metrics of an agent in PromQL, as rules and dashboards of all agents read them. */
export type AgentExpression = (read: ReadMetric) => string;

/** Where an agent exports its metrics, and which of them rules and dashboards read. */
export interface AgentMetrics {
  /** Path at its HTTP server, such as `/metrics`. */
  readonly path: string;
  /** Bytes of lines that it has still to read or to send. */
  readonly backlog: AgentExpression;
  /** Gauge that is 1 while it reads nothing, as too much waits to be sent. @default - it has none */
  readonly paused?: string;
  /** Counter of compressed bytes that Loki took. @default - it counts none */
  readonly sent?: AgentExpression;
  /** Counter of lines that it gave up: they are lost. */
  readonly dropped: AgentExpression;
  /** Counter of requests that it repeated. */
  readonly retried: string;
}

/** The names of all of these metrics. */
export function namesOf({ backlog, paused, sent, dropped, retried }: AgentMetrics): string[] {
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

/** Bytes of files that an agent has not read yet, for those that export a pair of gauges for each file. */
export const unreadOf =
  (written: string, read: string): AgentExpression =>
  (value) =>
    // A file that was cut has less than was read of it.
    `clamp_min(${value(written)} - ${value(read)}, 0)`;

/** What users ask of an agent. */
export interface LogRequest extends LogSelection {
  /** How lines travel. @default - as the collector does it by default */
  readonly sending?: LogSending;
  /** Further labels of every line. @default - none */
  readonly streamLabels?: Readonly<Record<string, string>>;
}

/** An option that an agent cannot serve. */
export interface UnsupportedOption {
  /** Path of the option, such as `sending.batchSize`. */
  readonly option: string;
  /** What it was set to. */
  readonly value: unknown;
  /** Why the agent cannot serve it, as a clause. */
  readonly reason: string;
  /** What to do instead, but for choosing another agent. @default "leave it out" */
  readonly remedy?: string;
}

/**
 * A program that reads the files of a node's containers and sends their lines to Loki. It finds
 * `namespace`, `pod`, `container`, `job` and `stream` without asking anyone but the file system, tells
 * Docker's format and the CRI's apart by itself, joins partial lines, goes on after a restart where it was,
 * and stops reading while Loki is away: the files are the buffer. `node` is the variable NODE_NAME.
 *
 * A further agent is a folder with an implementation, and a line in `log-agents.ts`.
 */
export interface LogAgent {
  /** Name of its container. */
  readonly name: string;
  /** The name of an image of the stack, or an image of your own with a tag or digest. */
  readonly image: ImageName | (string & {});
  /** What upstream's image runs on. */
  readonly architectures: readonly Architecture[];
  /** What its container asks for where the collector's `resources` do not say otherwise. */
  readonly resources: Resources;
  /** Whether it asks the API server, which the edge cannot. */
  readonly needsApiServer: boolean;
  /** What its users should know; printed once at synthesis. @default - nothing */
  readonly notice?: string;
  /** What its container runs in the place of the image's entry point. @default - the image's own */
  readonly command?: readonly string[];
  /** Path that answers 200 when it is ready. */
  readonly readyPath: string;
  /** Path that makes it read its configuration again, by POST. */
  readonly reloadPath: string;
  /**
   * Path of which the answer changes with each reload that succeeded, for agents that answer a POST to `reloadPath`
   * before they know. @default - a reload that failed is answered with an error
   */
  readonly reloadCountPath?: string;
  /** Variable of its environment that names the proxy to use for HTTPS. @default "HTTPS_PROXY" */
  readonly proxyVariable?: 'HTTP_PROXY' | 'HTTPS_PROXY';
  /** What it says of itself. @default - nothing that anyone reads */
  readonly metrics?: AgentMetrics;
  /** The arguments of its container: where it finds the files, the folder of its state, and the address it listens on. */
  args(task: LogTask): string[];
  /** The files of its configuration, by name. */
  files(task: LogTask): Record<string, string>;
  /**
   * Options of a request that it cannot serve. Collectors refuse them, and name the agents that can.
   *
   * @default - it serves every request
   */
  unsupported?(request: LogRequest): readonly UnsupportedOption[];
}

/** The labels that every agent finds for a line, and no others: what has many values is no label. */
export const LINE_LABELS = ['namespace', 'pod', 'container', 'job', 'stream'];

/** The files of all containers of a node: `<namespace>_<pod>_<uid>/<container>/<restart>.log`. */
export const POD_LOGS = '/var/log/pods/*/*/*.log';

/** What the path of such a file says, as named groups of RE2. */
export const POD_LOG_PATH =
  '/var/log/pods/(?P<namespace>[^_/]+)_(?P<pod>[^_/]+)_[^/]+/(?P<container>[^/]+)/[^/]+\\.log';

/** Lines of one event that are joined at most: the traces of deep recursions are longer, and end there. */
export const MOST_LINES_OF_AN_EVENT = 1_000;

/** How long a request may take; a batch on a slow link takes a minute. */
export const REQUEST_TIMEOUT = '2m';

/**
 * Docker's JSON, and how it is rewritten as the CRI's format, so that one stage joins partial lines of
 * both: Docker marks the end of a line by a newline, the CRI a part of one by `P`.
 */
export const DOCKER_FORMAT = {
  line: '^\\{"log":.*\\}$',
  fields: ['log', 'stream', 'time'],
  template:
    '{{ .time }} {{ .stream }} {{ if eq (TrimSuffix .log "\\n") .log }}P{{ else }}F{{ end }} {{ TrimSuffix .log "\\n" }}',
} as const;

/** A LogQL selector of the lines that a rule is about, as Alloy's and Promtail's `match` stages take it. */
export function selector({ namespace, container, line }: LogMatch, ...more: readonly string[]): string {
  const matchers = [
    // A selector needs one matcher that an empty label fails.
    'job=~".+"',
    ...(namespace === undefined ? [] : [`namespace=~${JSON.stringify(namespace)}`]),
    ...(container === undefined ? [] : [`container=~${JSON.stringify(container)}`]),
    ...more,
  ];
  return `{${matchers.join(', ')}}${line === undefined ? '' : ` |~ ${JSON.stringify(line)}`}`;
}
