import type { Construct } from 'constructs';
import type { k8s } from '../core/k8s';
import { type Duration, seconds } from '../core/units';
import script from './config-reloader.sh';
import type { AgentMetrics } from './log-agent';
import { ShellScript } from './shell-script';

/**
 * Name of its container. It logs a line every hour on each node with a log agent, so that a node without any
 * log lines is noticed.
 */
export const RELOADER = 'config-reloader';

/** Log files that a paused agent keeps open, so that deleting them would not free disk space. */
export interface HeldFiles {
  /** Mounts with the files. */
  readonly mounts: readonly k8s.VolumeMount[];
  /** URL of the agent's metrics. */
  readonly metricsUrl: string;
  /** Gauge that is 1 while the agent is paused. */
  readonly pausedMetric: string;
}

/** Files with the password of each user that the agent has had, named after the user. */
export interface PasswordFiles {
  /** Folder with the files `username` and `password`. */
  readonly credentialsDir: string;
  /** Mount of the folder for the files. */
  readonly mount: k8s.VolumeMount;
}

/** Properties for `ConfigReloader`. */
export interface ConfigReloaderProps {
  /** Name of the agent's DaemonSet. */
  readonly agent: string;
  readonly namespace: string;
  /** Mounts whose files are watched. */
  readonly mounts: readonly k8s.VolumeMount[];
  /** URL that makes the agent reload its files, by POST. */
  readonly reloadUrl: string;
  /**
   * URL whose response changes with each successful reload, for agents that answer the POST earlier.
   * @default - the agent answers the POST with an error if the reload fails
   */
  readonly reloadCountUrl?: string;
  /** Files that the agent keeps open while it is paused, even if they are deleted. @default - none */
  readonly held?: HeldFiles;
  /** Files with the password of each user, for agents that read them. @default - none */
  readonly passwords?: PasswordFiles;
  /** Interval at which files are checked. @default "15s" */
  readonly interval?: Duration;
}

/**
 * The container that makes the agent in its pod reload changed files, so that a new configuration or password
 * needs no new pod: with `OnDelete`, edge pods are not updated automatically. When a disk fills up, it also
 * makes a paused agent close deleted files.
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
        WATCH_DIRS: foldersOf(props.mounts),
        RELOAD_URL: props.reloadUrl,
        ...(props.reloadCountUrl && { RELOAD_COUNT_URL: props.reloadCountUrl }),
        ...(held && {
          DISK_DIRS: foldersOf(held.mounts),
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

/** Returns the files that a paused agent keeps open, even if they are deleted: those below these mounts. */
export function filesHeldByAgent(
  metrics: AgentMetrics | undefined,
  urlOf: (path: string) => string,
  mounts: readonly k8s.VolumeMount[],
): HeldFiles | undefined {
  return metrics?.paused === undefined
    ? undefined
    : { mounts, metricsUrl: urlOf(metrics.path), pausedMetric: metrics.paused };
}

const foldersOf = (mounts: readonly k8s.VolumeMount[]): string =>
  mounts.map(({ mountPath }) => mountPath).join(' ');
