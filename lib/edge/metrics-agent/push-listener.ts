import { Construct } from 'constructs';
import { ConfigFiles, type Files } from '../../core/config-files';
import type { k8s } from '../../core/k8s';
import { Identity } from '../../core/labels';
import { Platform } from '../../core/platform';
import { type ContainerSpec, emptyDirVolume } from '../../core/pods';
import { joinPatternsToMatchWholeText, RESERVED_IN_PUSHES, RESERVED_JOBS } from '../../core/reserved-names';
import { toBytes } from '../../core/units';
import type { Sidecar } from '../agent';
import program from './push-listener/main.mjs?bundle';
import { renderListenerConfig } from './push-listener-config';
import type { ResolvedPushes } from './pushes';

/** Properties for `PushListener`. */
export interface PushListenerProps {
  /** Name of the agent's DaemonSet. */
  readonly agent: string;
  /**
   * Name of the agent without its group. The name of the ConfigMap with the program contains this name, because all
   * groups share the program.
   */
  readonly family: string;
  readonly namespace: string;
  readonly pushes: ResolvedPushes;
  /** Port to which services push their metrics. */
  readonly port: number;
  /** Port of the agent's own HTTP server, on the loopback address. */
  readonly agentPort: number;
  /** Path of the file with the limits: a copy on the node's disk. */
  readonly limitsFile: string;
  /** Path of the file with users and password hashes: a copy on the node's disk. */
  readonly usersFile: string;
  /** File with the password of the agent's HTTP server. */
  readonly loginFile: string;
  /** File that exists while the agent must not scrape. The file contains the reason. */
  readonly stoppedFile: string;
  /**
   * Mount of the folder on the node with the agent's state. The folder contains `limitsFile`, `usersFile`, `loginFile`
   * and `stoppedFile`.
   */
  readonly state: k8s.VolumeMount;
}

const NAME = 'push-listener';
const CONFIG_VOLUME = `${NAME}-config`;
const PROGRAM_DIR = `/opt/${NAME}`;
const CONFIG_DIR = `/etc/${NAME}`;
const TMP_VOLUME = 'push-listener-tmp';

/**
 * Sidecar to which services of the node push: an nginx with the JavaScript module njs. The sidecar validates pushes,
 * enforces the limits of each job, and forwards the samples to the agent in the same pod.
 */
export class PushListener extends Construct implements Sidecar {
  readonly container: ContainerSpec;
  readonly volumes: readonly k8s.Volume[];
  readonly files: readonly ConfigFiles[];

  constructor(scope: Construct, id: string, props: PushListenerProps) {
    super(scope, id);
    const { pushes, port, usersFile } = props;
    const files = ConfigFiles.findOrCreate(this, 'Program', {
      name: `${props.family}-${NAME}`,
      namespace: props.namespace,
      identity: new Identity(props.family),
      files: () => ({ 'main.mjs': program }),
    });
    const config = new ConfigFiles(this, 'Config', {
      name: `${props.agent}-${CONFIG_VOLUME}`,
      namespace: props.namespace,
      identity: new Identity(props.agent),
      files: () => ({
        'nginx.conf': renderListenerConfig({ pushes, port, programDir: PROGRAM_DIR, usersFile }),
      }),
    });
    this.files = [files, config];
    // nginx requires the folder /tmp for its temporary files, but stores nothing in it.
    this.volumes = [files.toVolume(NAME), config.toVolume(CONFIG_VOLUME), emptyDirVolume(TMP_VOLUME, '1Mi')];
    this.container = {
      name: NAME,
      image: Platform.of(this).image('nginxJs'),
      command: ['nginx', '-c', `${CONFIG_DIR}/nginx.conf`, '-g', 'daemon off;'],
      // The group 0 can read the files that root wrote to the folder on the node.
      securityContext: { runAsNonRoot: true, runAsUser: 101, runAsGroup: 0 },
      env: Object.entries(this.environmentVariables(props)).map(([name, value]) => ({ name, value })),
      ports: [
        {
          name: 'pushes',
          containerPort: port,
          hostPort: port,
          protocol: 'TCP',
          ...(pushes.podCidrs.length === 0 && { hostIp: '127.0.0.1' }),
        },
      ],
      resources: pushes.resources,
      volumeMounts: [
        { name: NAME, mountPath: PROGRAM_DIR, readOnly: true },
        { name: CONFIG_VOLUME, mountPath: CONFIG_DIR, readOnly: true },
        { ...props.state, readOnly: true },
        { name: TMP_VOLUME, mountPath: '/tmp' },
      ],
    };
  }

  private environmentVariables(props: PushListenerProps): Record<string, string> {
    return {
      LIMITS_FILE: props.limitsFile,
      LOGIN_FILE: props.loginFile,
      STOPPED_FILE: props.stoppedFile,
      AGENT_URL: `http://127.0.0.1:${props.agentPort}/api/v1/import/prometheus`,
    };
  }
}

/** Maximum number of pushes per job and minute: twenty per second. */
const PUSHES_PER_MINUTE = 1_200;

/**
 * Returns the file from which the listener reads the limits of pushes.
 * @param scrapedJobs jobs that the agent scrapes; services must not push under these names
 */
export const renderPushLimitsFile = (pushes: ResolvedPushes, scrapedJobs: readonly string[]): Files => ({
  'pushes.json': `${JSON.stringify(
    {
      jobs: pushes.jobs,
      seriesPerJob: pushes.seriesPerJob,
      bytesPerPush: toBytes(pushes.bytesPerPush),
      bytesPerMinute: toBytes(pushes.bytesPerMinute),
      pushesPerMinute: PUSHES_PER_MINUTE,
      reservedMetrics: joinPatternsToMatchWholeText(RESERVED_IN_PUSHES),
      reservedJobs: joinPatternsToMatchWholeText(RESERVED_JOBS),
      readJobs: [...scrapedJobs].sort(),
    },
    undefined,
    2,
  )}\n`,
});
