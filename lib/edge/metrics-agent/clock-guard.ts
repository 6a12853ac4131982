import type { Construct } from 'constructs';
import { ShellScript } from '../../agents/shell-script';
import type { k8s } from '../../core/k8s';
import clockGuard from './clock-guard.sh';

/** Properties for `ClockGuard`. */
export interface ClockGuardProps {
  /** Name of the metrics agent without the name of its node group. */
  readonly agent: string;
  readonly namespace: string;
  /** URL of a server. The clock guard reads the time from the header `Date` of the response. */
  readonly timeUrl: string;
  /** File with the agent's scrape jobs. */
  readonly jobsFile: string;
  /**
   * Folder from which the agent reads its scrape jobs. The clock guard copies `jobsFile` to this folder, and
   * deletes the copy while the agent must not scrape.
   */
  readonly activeDir: string;
  /** Folders of the pod with the agent's configuration files. */
  readonly sourceDirs: readonly string[];
  /** Folder on the node for copies of the files in `sourceDirs`. The agent reads the copies. */
  readonly filesDir: string;
  /** Folder with the agent's user and password, or with the node's certificate. */
  readonly loginDir: string;
  /** File that the clock guard creates while the agent must not scrape. The file contains the reason. */
  readonly stoppedFile: string;
  /** Folder on the node in which the clock guard stores its state. */
  readonly stateDir: string;
  /** Folder with the agent's queues, on the same disk as `stateDir`. */
  readonly queueDir: string;
  readonly volumeMounts: readonly k8s.VolumeMount[];
}

/**
 * Deviation of the node's clock in seconds, above which the agent stops scraping. Prometheus accepts samples up to ten
 * minutes in the future (storage/remote/write_handler.go); this limit is half of that.
 */
const LIMIT_SECONDS = 300;

/** Interval in seconds at which the agent asks a server for the current time. A request costs 5 kB of traffic with TLS. */
const RECHECK_SECONDS = 6 * 3_600;

/**
 * Disk space in KiB that is reserved for buffered samples and a restart. If less is free, the agent stops scraping
 * while samples wait to be sent.
 */
const RESERVE_KIB = 16_384;

/**
 * Container that stops the agent's scrapes while the node's clock is known to be wrong, or while the disk is full and
 * samples wait to be sent.
 */
export class ClockGuard extends ShellScript {
  constructor(scope: Construct, id: string, props: ClockGuardProps) {
    super(scope, id, {
      name: 'clock-guard',
      workload: props.agent,
      namespace: props.namespace,
      configMapName: `${props.agent}-clock-guard`,
      file: 'clock-guard.sh',
      script: clockGuard,
      variables: {
        TIME_URL: props.timeUrl,
        JOBS_FILE: props.jobsFile,
        ACTIVE_DIR: props.activeDir,
        SOURCE_DIRS: props.sourceDirs.join(' '),
        FILES_DIR: props.filesDir,
        CREDENTIALS_DIR: props.loginDir,
        STATE_DIR: props.stateDir,
        STOPPED_FILE: props.stoppedFile,
        QUEUES_DIR: `${props.queueDir}/persistent-queue`,
        RESERVE_KIB: `${RESERVE_KIB}`,
        LIMIT_SECONDS: `${LIMIT_SECONDS}`,
        RECHECK_SECONDS: `${RECHECK_SECONDS}`,
        INTERVAL_SECONDS: '15',
      },
      resources: { cpu: '5m', memory: '8Mi', memoryLimit: '24Mi' },
      volumeMounts: props.volumeMounts,
    });
  }
}
