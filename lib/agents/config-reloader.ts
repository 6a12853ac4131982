import type { Construct } from 'constructs';
import type { k8s } from '../core/k8s';
import { type Duration, seconds } from '../core/units';
import script from './config-reloader.sh';
import type { AgentMetrics } from './log-agent';
import { ShellScript } from './shell-script';

/**
 * Name of the reloader's container. The reloader logs a line every hour on each node with a log agent. The alert
 * EdgeLogsMissing fires if this line is missing.
 */
export const RELOADER = 'config-reloader';

/** Log files that a paused agent keeps open. While they are open, deleting them frees no disk space. */
export interface HeldFiles {
  /** Mounts that contain the files. */
  readonly mounts: readonly k8s.VolumeMount[];
  /** URL of the agent's metrics. */
  readonly metricsUrl: string;
  /** Gauge that is 1 while the agent is paused. */
  readonly pausedMetric: string;
}

/** Folder with one file per user that the agent has had. The name of the file is the user, the content the password. */
export interface PasswordFiles {
  /** Folder with the files `username` and `password`. */
  readonly credentialsDir: string;
  /** Mount of the folder with the password files. */
  readonly mount: k8s.VolumeMount;
}

/** Properties for `ConfigReloader`. */
export interface ConfigReloaderProps {
  /** Name of the agent's DaemonSet. */
  readonly agent: string;
  readonly namespace: string;
  /** Mounts that the reloader watches for changed files. */
  readonly mounts: readonly k8s.VolumeMount[];
  /** URL to which the reloader sends a POST request to make the agent reload its files. */
  readonly reloadUrl: string;
  /**
   * URL whose response changes with each successful reload. It is needed for agents that respond to the POST request
   * before the reload has finished.
   * @default - the response to the POST request shows whether the reload succeeded
   */
  readonly reloadCountUrl?: string;
  /**
   * Text of the error with which the agent refuses to reload a configuration that means the same as before. @default
   * - the agent also reloads a configuration that means the same as before
   */
  readonly unchangedAnswer?: string;
  /** Deleted log files that the agent keeps open while it is paused. @default - the agent closes deleted files */
  readonly held?: HeldFiles;
  /** Password files to write, for agents that read passwords at each request. @default - no password files */
  readonly passwords?: PasswordFiles;
  /** Interval at which files are checked. @default "15s" */
  readonly interval?: Duration;
}

/**
 * Sidecar that makes the agent in the same pod reload changed files. Without it, a new configuration or password would
 * need a new pod, and edge pods are not updated automatically with the strategy `OnDelete`. When a disk fills up, the
 * reloader also makes a paused agent close deleted log files.
 */
export class ConfigReloader extends ShellScript {
  constructor(scope: Construct, id: string, props: ConfigReloaderProps) {
    const { held, passwords } = props;
    super(scope, id, {
      name: RELOADER,
      workload: props.agent,
      namespace: props.namespace,
      configMapName: `${props.agent}-reloader`,
      file: 'reload.sh',
      script,
      variables: {
        WATCH_DIRS: joinMountPaths(props.mounts),
        RELOAD_URL: props.reloadUrl,
        ...(props.reloadCountUrl && { RELOAD_COUNT_URL: props.reloadCountUrl }),
        ...(props.unchangedAnswer && { UNCHANGED_ANSWER: props.unchangedAnswer }),
        ...(held && {
          DISK_DIRS: joinMountPaths(held.mounts),
          METRICS_URL: held.metricsUrl,
          PAUSED_METRIC: held.pausedMetric,
        }),
        ...(passwords && {
          CREDENTIALS_DIR: passwords.credentialsDir,
          PASSWORDS_DIR: passwords.mount.mountPath,
        }),
        INTERVAL_SECONDS: String(seconds(props.interval ?? '15s')),
      },
      resources: { cpu: '5m', memory: '8Mi', memoryLimit: '24Mi' },
      volumeMounts: [...props.mounts, ...(passwords ? [passwords.mount] : []), ...(held?.mounts ?? [])],
    });
  }
}

/**
 * Returns the log files that a paused agent keeps open although they are deleted. Returns `undefined` for agents that do
 * not pause.
 */
export function heldFilesSettings(
  metrics: AgentMetrics | undefined,
  urlOf: (path: string) => string,
  mounts: readonly k8s.VolumeMount[],
): HeldFiles | undefined {
  return metrics?.paused === undefined
    ? undefined
    : { mounts, metricsUrl: urlOf(metrics.path), pausedMetric: metrics.paused };
}

const joinMountPaths = (mounts: readonly k8s.VolumeMount[]): string =>
  mounts.map(({ mountPath }) => mountPath).join(' ');
