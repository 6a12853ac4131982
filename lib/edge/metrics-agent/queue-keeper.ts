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
  /** The whole address that the agent sends to, whose answers carry the time. */
  readonly url: string;
  /** Folder from which the agent reads its jobs. */
  readonly activeDir: string;
  /** Folders of the pod with files of the agent, and the folder of the host from which it reads their copies. */
  readonly sourceDirs: readonly string[];
  readonly filesDir: string;
  /** Folder that the agent keeps its queues in. */
  readonly queueDir: string;
  /** Folder on the same disk that is there before the queues are. */
  readonly stateDir: string;
  /** Age from which on nobody takes a sample any more. */
  readonly maxAge: Duration;
  readonly volumeMounts: readonly k8s.VolumeMount[];
}

/** A start writes a few files of some bytes. */
const LEAST_KIB = 1_024;

/** The init container that gives the agent its files, moves a queue along when the address changes, and drops one that is too old. */
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
