import type { Construct } from 'constructs';
import { ShellScript } from '../../agents/shell-script';
import type { k8s } from '../../core/k8s';
import clockGuard from './clock-guard.sh';

/** Properties for `ClockGuard`. */
export interface ClockGuardProps {
  /** Name of the agent's DaemonSet. */
  readonly agent: string;
  readonly namespace: string;
  /** URL whose responses contain the time. */
  readonly timeUrl: string;
  /** File with the agent's scrape jobs, and the folder from which the agent reads them. */
  readonly jobsFile: string;
  readonly activeDir: string;
  /**
   * Folders of the pod with the agent's files, and the host folder from which the agent reads their copies.
   */
  readonly sourceDirs: readonly string[];
  readonly filesDir: string;
  /** Folder with the agent's user and password, or the node's certificate. */
  readonly loginDir: string;
  /** File with the reason why the agent must not measure, as long as there is one. */
  readonly stoppedFile: string;
  /** Folder on the host. */
  readonly stateDir: string;
  /** Folder with the agent's queues, on the same disk as `stateDir`. */
  readonly queueDir: string;
  readonly volumeMounts: readonly k8s.VolumeMount[];
}

/** Half of what Prometheus accepts in the future: ten minutes, storage/remote/write_handler.go. */
const LIMIT_SECONDS = 300;

/** Each check costs 5 kB of traffic with TLS. */
const RECHECK_SECONDS = 6 * 3_600;

/** Space that must stay free for buffered samples and a restart; below it, the agent stops scraping. */
const RESERVE_KIB = 16_384;

/**
 * The container that stops the agent's scrapes while the node's clock is known to be wrong, or its disk is
 * full.
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
