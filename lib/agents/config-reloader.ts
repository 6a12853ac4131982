import type { Construct } from 'constructs';
import type { k8s } from '../core/k8s';
import { type Duration, toSeconds } from '../core/units';
import script from './config-reloader.sh';
import type { AgentMetrics } from './log-agent';
import { ShellScript } from './shell-script';

/**
 * Name of the reloader's container. The reloader logs a line every hour on each node with a log agent. The alert
 * EdgeLogsMissing fires for a node if this line no longer arrives in Loki.
 */
export const RELOADER = 'config-reloader';

/**
 * Settings with which the reloader makes a paused agent close deleted log files. An agent is paused while its buffer is
 * full. A deleted file uses disk space until the agent closes the file.
 */
export interface PausedAgentSettings {
  /** Mounts of the folders with the log files. */
  readonly mounts: readonly k8s.VolumeMount[];
  /** URL of the agent's metrics, which contain `pausedMetric`. */
  readonly metricsUrl: string;
  /** Name of the gauge that is 1 while the agent is paused. */
  readonly pausedMetric: string;
}

/**
 * Settings for the password files, which the reloader writes into one folder: one file for the current basic auth
 * user, and one file for each previous user. The name of a file is the user name, with `_` instead of `/`. The content
 * is the password.
 */
export interface PasswordFiles {
  /** Folder from which the reloader reads the files `username` and `password`. */
  readonly credentialsDir: string;
  /** Mount of the folder with the password files. */
  readonly mount: k8s.VolumeMount;
}

/** Properties for `ConfigReloader`. */
export interface ConfigReloaderProps {
  /** Name of the agent without the name of a node group, such as `edge-log-collector`. */
  readonly agent: string;
  readonly namespace: string;
  /** Mounts that the reloader watches for changed files. */
  readonly mounts: readonly k8s.VolumeMount[];
  /** URL to which the reloader sends a POST request to make the agent reload its files. */
  readonly reloadUrl: string;
  /**
   * URL whose response changes with each successful reload. Set it for agents that respond to the POST request before
   * the reload has finished.
   * @default - the response to the POST request shows whether the reload succeeded
   */
  readonly reloadCountUrl?: string;
  /**
   * Text in the error message that the agent returns if its configuration has not changed, such as
   * `config has not changed`. The reloader treats this error as a success.
   * @default - the agent returns no error if the configuration is unchanged
   */
  readonly unchangedAnswer?: string;
  /**
   * Settings with which the reloader makes a paused agent close deleted log files when a disk fills up.
   * @default - the agent closes deleted files by itself
   */
  readonly pausedAgent?: PausedAgentSettings;
  /** Password files to write. Agents that read the password at each request need them. @default - no password files */
  readonly passwords?: PasswordFiles;
  /** Interval at which the reloader checks whether the watched files have changed. @default "15s" */
  readonly interval?: Duration;
}

/**
 * Sidecar that makes the agent in the same pod reload changed files. Without the sidecar, a new configuration or
 * password would require a new pod. With the default update strategy `OnDelete`, edge pods are not replaced
 * automatically. When a disk fills up, the reloader also makes a paused agent close deleted log files.
 */
export class ConfigReloader extends ShellScript {
  constructor(scope: Construct, id: string, props: ConfigReloaderProps) {
    const { pausedAgent, passwords } = props;
    super(scope, id, {
      name: RELOADER,
      workload: props.agent,
      namespace: props.namespace,
      configMapName: `${props.agent}-reloader`,
      file: 'reload.sh',
      script,
      variables: {
        WATCH_DIRS: joinMountPathsWithSpaces(props.mounts),
        RELOAD_URL: props.reloadUrl,
        ...(props.reloadCountUrl && { RELOAD_COUNT_URL: props.reloadCountUrl }),
        ...(props.unchangedAnswer && { UNCHANGED_ANSWER: props.unchangedAnswer }),
        ...(pausedAgent && {
          DISK_DIRS: joinMountPathsWithSpaces(pausedAgent.mounts),
          METRICS_URL: pausedAgent.metricsUrl,
          PAUSED_METRIC: pausedAgent.pausedMetric,
        }),
        ...(passwords && {
          CREDENTIALS_DIR: passwords.credentialsDir,
          PASSWORDS_DIR: passwords.mount.mountPath,
        }),
        INTERVAL_SECONDS: String(toSeconds(props.interval ?? '15s')),
      },
      resources: { cpu: '5m', memory: '8Mi', memoryLimit: '24Mi' },
      volumeMounts: [
        ...props.mounts,
        ...(passwords ? [passwords.mount] : []),
        ...(pausedAgent?.mounts ?? []),
      ],
    });
  }
}

/**
 * Returns the settings with which the reloader makes a paused agent close deleted log files. Returns `undefined` if
 * `metrics.paused` is not set.
 */
export function reloaderSettingsToCloseDeletedLogFiles(
  metrics: AgentMetrics | undefined,
  urlOf: (path: string) => string,
  mounts: readonly k8s.VolumeMount[],
): PausedAgentSettings | undefined {
  return metrics?.paused === undefined
    ? undefined
    : { mounts, metricsUrl: urlOf(metrics.path), pausedMetric: metrics.paused };
}

const joinMountPathsWithSpaces = (mounts: readonly k8s.VolumeMount[]): string =>
  mounts.map(({ mountPath }) => mountPath).join(' ');
