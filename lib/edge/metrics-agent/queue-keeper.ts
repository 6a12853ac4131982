import type { Construct } from 'constructs';
import { vmagentQueueFolderName } from '../../agents/queue-name';
import { ShellScript } from '../../agents/shell-script';
import type { k8s } from '../../core/k8s';
import { type Duration, toSeconds } from '../../core/units';
import queueKeeper from './queue-keeper.sh';

/** Properties for `QueueKeeper`. */
export interface QueueKeeperProps {
  /** Name of the metrics agent without the name of its node group. */
  readonly agent: string;
  readonly namespace: string;
  /**
   * Full URL of the remote-write endpoint. The keeper also reads the time from the header `Date` of the endpoint's
   * responses.
   */
  readonly url: string;
  /** Folder from which the agent reads its scrape jobs. */
  readonly activeDir: string;
  /** Folders of the pod with the agent's configuration files. */
  readonly sourceDirs: readonly string[];
  /** Folder on the node for copies of the files in `sourceDirs`. The agent reads the copies. */
  readonly filesDir: string;
  /** Folder with the agent's queues. */
  readonly queueDir: string;
  /** Folder on the same disk as `queueDir`. It exists before the agent creates its queues. */
  readonly stateDir: string;
  /** Age after which the store no longer accepts a sample. */
  readonly maxAge: Duration;
  /** File to which the keeper writes a new password for the agent's HTTP server. */
  readonly loginFile: string;
  readonly volumeMounts: readonly k8s.VolumeMount[];
}

/** Free disk space in KiB that the keeper and the agent need for the small files that they write at startup. */
const LEAST_KIB = 1_024;

/**
 * Init container that prepares the start of the agent:
 * - copies the agent's files
 * - renames the queue if the URL of the endpoint changed
 * - drops the queue if nothing was written to it for longer than `maxAge`, and a server confirms the clock
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
        QUEUE_NAME: vmagentQueueFolderName(props.url),
        TIME_URL: props.url,
        MAX_AGE_SECONDS: String(toSeconds(props.maxAge)),
      },
      resources: { cpu: '5m', memory: '8Mi', memoryLimit: '24Mi' },
      volumeMounts: props.volumeMounts,
    });
  }
}
