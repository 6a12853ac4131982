import type { Construct } from 'constructs';
import { ShellScript } from '../../agents/shell-script';
import type { k8s } from '../../core/k8s';
import clockGuard from './clock-guard.sh';

/** Properties for `ClockGuard`. */
export interface ClockGuardProps {
  /** Name of the agent's DaemonSet. */
  readonly agent: string;
  readonly namespace: string;
  /** An address whose answers carry the time. */
  readonly timeUrl: string;
  /** The file that says what the agent measures, and the folder from which it takes that. */
  readonly jobsFile: string;
  readonly activeDir: string;
  /** Folders of the pod with files of the agent, and the folder of the host from which it reads their copies. */
  readonly sourceDirs: readonly string[];
  readonly filesDir: string;
  /** Folder with the agent's user and password. */
  readonly credentialsDir: string;
  /** A folder of the host. */
  readonly stateDir: string;
  /** Folder that the agent keeps its queues in, on the disk of `stateDir`. */
  readonly queueDir: string;
  readonly volumeMounts: readonly k8s.VolumeMount[];
}

/** Half of what Prometheus allows a sample to be ahead: ten minutes, storage/remote/write_handler.go. */
const LIMIT_SECONDS = 300;

/** A question and its answer are 5 kB through TLS. */
const RECHECK_SECONDS = 6 * 3_600;

/** What the agent gives up first when the disk is full: room for what it still holds, and for its start. */
const RESERVE_KIB = 16_384;

/** The container that stops an agent from measuring while the node's clock is known to be wrong, or its disk is full. */
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
        CREDENTIALS_DIR: props.credentialsDir,
        STATE_DIR: props.stateDir,
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
