import type { Construct } from 'constructs';
import { queueName } from '../../agents/queue-name';
import { ShellScript } from '../../agents/shell-script';
import type { k8s } from '../../core/k8s';
import { type Duration, seconds } from '../../core/units';
import queueKeeper from './queue-keeper.sh';

/** Properties for `QueueKeeper`. */
export interface QueueKeeperProps {
  /** Name of the agent's DaemonSet. */
  readonly agent: string;
  readonly namespace: string;
  /** Full URL that the agent sends to, whose responses contain the time. */
  readonly url: string;
  /** Folder from which the agent reads its scrape jobs. */
  readonly activeDir: string;
  /**
   * Folders of the pod with the agent's files, and the host folder from which the agent reads their copies.
   */
  readonly sourceDirs: readonly string[];
  readonly filesDir: string;
  /** Folder with the agent's queues. */
  readonly queueDir: string;
  /** Folder on the same disk, which exists before the queues do. */
  readonly stateDir: string;
  /** Age after which the store no longer accepts a sample. */
  readonly maxAge: Duration;
  /** File with the password that the agent's own HTTP server asks for. */
  readonly loginFile: string;
  readonly volumeMounts: readonly k8s.VolumeMount[];
}

/** Space for the small files that are written at startup. */
const LEAST_KIB = 1_024;

/**
 * The init container that copies the agent's files, moves its queue if the URL changed, and drops a queue
 * that is too old.
 */
export class QueueKeeper extends ShellScript {
  constructor(scope: Construct, id: string, props: QueueKeeperProps) {
    super(scope, id, {
      name: 'queue-keeper',
      workload: props.agent,
      namespace: props.namespace,
      configMapName: `${props.agent}-queue-keeper`,
      file: 'queue-keeper.sh',
      script: queueKeeper,
      variables: {
        SOURCE_DIRS: props.sourceDirs.join(' '),
        FILES_DIR: props.filesDir,
        ACTIVE_DIR: props.activeDir,
        STATE_DIR: props.stateDir,
        LOGIN_FILE: props.loginFile,
        LEAST_KIB: `${LEAST_KIB}`,
        QUEUES_DIR: `${props.queueDir}/persistent-queue`,
        QUEUE_NAME: queueName(props.url),
        TIME_URL: props.url,
        MAX_AGE_SECONDS: String(seconds(props.maxAge)),
      },
      resources: { cpu: '5m', memory: '8Mi', memoryLimit: '24Mi' },
      volumeMounts: props.volumeMounts,
    });
  }
}
