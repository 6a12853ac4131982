import type { Construct } from 'constructs';
import type { k8s } from '../core/k8s';
import { type Duration, seconds } from '../core/units';
import script from './config-reloader.sh';
import type { AgentMetrics } from './log-agent';
import { ShellScript } from './shell-script';

/** Name of its container. It writes a line an hour on each node that has a log agent, whatever else is written. */
export const RELOADER = 'config-reloader';

/** Files that an agent keeps open while it is paused, so that a full disk would not get their room back. */
export interface HeldFiles {
  /** Mounts with the files. */
  readonly mounts: readonly k8s.VolumeMount[];
  /** Where the agent exports its metrics. */
  readonly metricsUrl: string;
  /** Gauge that is 1 while the agent is paused. */
  readonly pausedMetric: string;
}

/** Properties for `ConfigReloader`. */
export interface ConfigReloaderProps {
  /** Name of the agent's DaemonSet. */
  readonly agent: string;
  readonly namespace: string;
  /** Mounts whose files are watched. */
  readonly mounts: readonly k8s.VolumeMount[];
  /** Where the agent is told to read them again, by POST. */
  readonly reloadUrl: string;
  /**
   * Of which the answer changes when the agent has read them, for agents that answer the POST before.
   * @default - the agent answers the POST with an error when it could not read them
   */
  readonly reloadCountUrl?: string;
  /**
   * Files that the agent reads and, while it is paused, keeps open also when they are deleted.
   * @default - it keeps none
   */
  readonly held?: HeldFiles;
  /** @default "15s" */
  readonly interval?: Duration;
}

/**
 * The container that tells an agent beside it when its files have changed, so that no pod has to be rolled for a new
 * configuration or password: on the edge, OnDelete rolls nothing by itself. It also has a paused agent close
 * deleted files when a disk gets full.
 */
export class ConfigReloader extends ShellScript {
  constructor(scope: Construct, id: string, props: ConfigReloaderProps) {
    const { held } = props;
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
        INTERVAL_SECONDS: String(seconds(props.interval ?? '15s')),
      },
      resources: { cpu: '5m', memory: '8Mi', memoryLimit: '24Mi' },
      volumeMounts: [...props.mounts, ...(held?.mounts ?? [])],
    });
  }
}

/** What a paused agent goes on with, also when it is deleted: all files that it found below these mounts. */
export function heldBy(
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
