import type { CertificateFiles } from '../core/client-login';
import type { ImageName } from '../core/images';
import type { Architecture } from '../core/placement';
import type { Resources } from '../core/pods';
import type { Duration, Quantity } from '../core/units';

/** Port of the HTTP server of every log agent. */
export const LOG_AGENT_PORT = 12_345;

/** Conditions that select log lines. A line is selected if it meets all conditions that are set. */
export interface LogMatch {
  /** RE2 expression that matches the whole name of the namespace. @default - every namespace */
  readonly namespace?: string;
  /** RE2 expression that matches the whole name of the container. @default - every container */
  readonly container?: string;
  /** RE2 expression that matches anywhere in the line. @default - every line */
  readonly line?: string;
}

/** Rule that joins the lines of an event, such as a stack trace. */
export interface MultilineRule extends Omit<LogMatch, 'line'> {
  /** RE2 expression for the first line of an event. Lines that do not match are joined to the event before them. */
  readonly firstLine: string;
  /** Maximum time for which the agent waits for the next line of an event. @default "3s" */
  readonly maxWait?: Duration;
}

/** Options that select and join log lines. Lines are joined before they are selected. */
export interface LogSelection {
  /** Selects the lines to send: a line is sent if at least one entry matches. @default - all lines are sent */
  readonly keep?: readonly LogMatch[];
  /** Selects lines to drop: a line is dropped if at least one entry matches, even if `keep` matches. @default - no line is dropped */
  readonly drop?: readonly LogMatch[];
  /** Rules that join lines to events. @default - each line is an event */
  readonly multiline?: readonly MultilineRule[];
}

/** Options for batches and retries of log lines. */
export interface LogSending {
  /**
   * Maximum size of a batch in bytes, before compression. Fluent Bit does not support this option; its batches have at
   * most two megabytes.
   * @default "1Mi"
   */
  readonly batchSize?: Quantity;
  /**
   * Maximum time for which the agent collects lines before it sends a batch. A longer time saves requests on a metered
   * link.
   * @default "10s"
   */
  readonly batchWait?: Duration;
  /** Maximum backoff between retries. @default "1m" */
  readonly maxBackoff?: Duration;
  /**
   * Maximum number of lines that the agent sends per second, so that the backlog after an outage does not saturate the
   * link. Lines above the limit stay in the log files until the agent sends them. Fluent Bit does not support this
   * option, because Fluent Bit's own limits lose lines or stop reading.
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
  /**
   * Folder with a password file for the current basic auth user and for each previous user. The name of a file is the
   * user name, with `_` instead of `/`.
   * @default - no folder, because the agent reads no password files (`readsPasswordFiles` is false)
   */
  readonly passwordsDir?: string;
  /** Files of the node's certificate, which the agent sends as client certificate. @default - no client certificate */
  readonly certificate?: CertificateFiles;
  /** File with the CA certificate that verifies the server. @default - the public CA certificates */
  readonly caFile?: string;
  /** Whether the agent uses the proxy in its environment variables. @default false */
  readonly byProxy?: boolean;
  /**
   * Tenant of the lines. It is not set for edge agents, because the ingress sets the basic auth user as tenant.
   * @default - no tenant is sent
   */
  readonly tenant?: string;
}

/** Configuration that a collector passes to its log agent. */
export interface LogTask extends LogSelection {
  /** Labels of every line, such as `cluster`, in addition to `LINE_LABELS`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Destination of the lines: the public host for edge agents, Loki's Service for cloud agents. */
  readonly target: LogTarget;
  /** Options for batches and retries, with all defaults applied. `linesPerSecond` has no default. */
  readonly sending: Required<Omit<LogSending, 'linesPerSecond'>> & Pick<LogSending, 'linesPerSecond'>;
  /** Folder of the agent's configuration files in the container. */
  readonly configDir: string;
  /** Persistent folder in the container for the agent's read positions and unsent lines. */
  readonly stateDir: string;
  /** Address and port of the agent's HTTP server. */
  readonly listen: { readonly address: string; readonly port: number };
}

/**
 * Renders a metric within an `AgentExpression`, such as `increase(NAME[3h])`. The rule or panel that uses the
 * expression passes this function, which adds label matchers, a range and a PromQL function.
 * @param name name of the metric
 * @param matchers additional label matchers of the metric, such as `component_id="loki"`
 */
export type RenderMetric = (name: string, ...matchers: readonly string[]) => string;

/**
 * Returns a PromQL expression about an agent's metrics, such as the difference of two gauges. `read` renders each
 * metric.
 */
export type AgentExpression = (read: RenderMetric) => string;

/** The metrics of an agent that rules and dashboards use. */
export interface AgentMetrics {
  /** URL path of the metrics on the agent's HTTP server, such as `/metrics`. */
  readonly path: string;
  /** Backlog in bytes: log lines that the agent has not read or not sent yet. */
  readonly backlog: AgentExpression;
  /**
   * Name of the gauge that is 1 while the agent reads no lines because its buffer is full.
   * @default - the agent has no such gauge
   */
  readonly paused?: string;
  /** Counter of compressed bytes that Loki accepted. @default - the agent has no such counter */
  readonly sent?: AgentExpression;
  /** Counter of lines that the agent dropped. These lines are lost. */
  readonly dropped: AgentExpression;
  /** Name of the counter of retried requests. */
  readonly retried: string;
}

/** Returns the names of all metrics of an agent that rules and dashboards use. */
export function listAgentMetricNames({ backlog, paused, sent, dropped, retried }: AgentMetrics): string[] {
  const names = new Set<string>();
  const addAndReturnMetricName: RenderMetric = (name) => {
    names.add(name);
    return name;
  };
  backlog(addAndReturnMetricName);
  if (paused !== undefined) addAndReturnMetricName(paused);
  sent?.(addAndReturnMetricName);
  dropped(addAndReturnMetricName);
  addAndReturnMetricName(retried);
  return [...names];
}

/**
 * Returns an expression for the number of bytes in log files that an agent has not read yet. The agent must expose
 * the size and the read position of each file.
 * @param written name of the gauge with the size of a file, in bytes
 * @param read name of the gauge with the agent's position in the file, in bytes
 */
export const unreadBytesExpression =
  (written: string, read: string): AgentExpression =>
  (value) =>
    // After a file is truncated, it is shorter than the agent's position.
    `clamp_min(${value(written)} - ${value(read)}, 0)`;

/** Options of a collector that its log agent must support. */
export interface LogRequest extends LogSelection {
  /** Options for batches and retries. @default - the collector's defaults */
  readonly sending?: LogSending;
  /** Additional labels of every line. @default - no additional labels */
  readonly streamLabels?: Readonly<Record<string, string>>;
}

/** An option that an agent does not support. */
export interface UnsupportedOption {
  /** Path of the unsupported option, such as `sending.batchSize`. */
  readonly option: string;
  /** Value to which the unsupported option is set. */
  readonly value: unknown;
  /** Reason why the agent does not support the option, as a clause, such as "Fluent Bit chooses the size itself". */
  readonly reason: string;
  /** What to do to keep using this agent. @default "remove the option" */
  readonly remedy?: string;
}

/**
 * A program that reads the log files of a node's containers and sends the lines to Loki. Every implementation must:
 *
 * - derive the labels `namespace`, `pod`, `container`, `job` and `stream` from the path and the content of log files,
 *   and set the label `node` to the environment variable NODE_NAME
 * - detect Docker's and the CRI's log format, and join partial lines
 * - after a restart, continue at the position where it stopped
 * - stop reading while Loki is unavailable, because the log files are the buffer
 *
 * To add an agent to the stack, create a folder with an implementation and add a line to `log-agents.ts`.
 */
export interface LogAgent {
  /** Name of the agent's container. */
  readonly name: string;
  /** Name of an image of the stack, or a full reference with a tag or digest. */
  readonly image: ImageName | (string & {});
  /** Architectures for which the image exists. */
  readonly architectures: readonly Architecture[];
  /** Default resources of the agent's container. The collector's option `resources` overrides them. */
  readonly resources: Resources;
  /** Whether the agent needs the API server. Pods on edge nodes cannot connect to the API server. */
  readonly needsApiServer: boolean;
  /** Warning that is printed once at synthesis. @default - no warning */
  readonly notice?: string;
  /** Command that replaces the image's entry point. @default - the image's entry point */
  readonly command?: readonly string[];
  /** URL path whose response is HTTP 200 when the agent is ready. */
  readonly readyPath: string;
  /** URL path to which a POST request makes the agent reload its configuration. */
  readonly reloadPath: string;
  /**
   * URL path whose response changes with each successful reload. Agents that respond to the POST request before the
   * reload has finished need this property.
   * @default - the response to the POST request shows whether the reload succeeded
   */
  readonly reloadCountPath?: string;
  /**
   * Text in the error message that the agent returns if its configuration has not changed, such as
   * `config has not changed`. If a reload fails with this error, the reloader treats the reload as successful. Agents
   * that read passwords at each request can return this error when only the password changed.
   * @default - the agent returns no error if the configuration is unchanged
   */
  readonly unchangedAnswer?: string;
  /** Environment variable from which the agent reads the URL of the proxy for HTTPS. @default "HTTPS_PROXY" */
  readonly proxyVariable?: 'HTTP_PROXY' | 'HTTPS_PROXY';
  /** Whether the agent reads the password from `target.passwordsDir` at each request. @default false */
  readonly readsPasswordFiles?: boolean;
  /** Metrics of the agent that rules and dashboards use. @default - the agent is not scraped */
  readonly metrics?: AgentMetrics;
  /** Returns the arguments of the agent's container: configuration, state folder and listen address. */
  args(task: LogTask): string[];
  /** Returns the agent's configuration files by name. */
  files(task: LogTask): Record<string, string>;
  /**
   * Returns the requested options that the agent does not support. If the list is not empty, synthesis fails with a
   * message that names the agents that support the option.
   * @default - the agent supports all options
   */
  unsupported?(request: LogRequest): readonly UnsupportedOption[];
}

/**
 * Names of the labels that every agent derives for a line. Properties with many values, such as the pod's UID, are not
 * labels.
 */
export const LINE_LABELS = ['namespace', 'pod', 'container', 'job', 'stream'];
