import type * as k8s from 'cdk8s-plus-25/lib/imports/k8s';
import { Construct } from 'constructs';
import { ConfigFiles } from '../core/config-files';
import { Identity } from '../core/labels';
import { Platform } from '../core/platform';
import type { ContainerSpec } from '../core/pods';
import { type Duration, seconds } from '../core/units';
import script from './config-reloader.sh';

/** What a ConfigReloader is made of. */
export interface ConfigReloaderProps {
  /** Name of the agent's DaemonSet. */
  readonly agent: string;
  readonly namespace: string;
  /** Mounts whose files are watched. */
  readonly mounts: readonly k8s.VolumeMount[];
  /** Where the agent is told to read them again, by POST. */
  readonly reloadUrl: string;
  /** @default "15s" */
  readonly interval?: Duration;
}

const SCRIPT_DIR = '/opt/config-reloader';

/**
 * The container that tells an agent beside it when its files have changed: on the edge, where OnDelete
 * rolls nothing by itself, this is how a new configuration or password gets in.
 */
export class ConfigReloader extends Construct {
  readonly container: ContainerSpec;
  readonly volumes: readonly k8s.Volume[];
  readonly files: ConfigFiles;

  constructor(scope: Construct, id: string, props: ConfigReloaderProps) {
    super(scope, id);
    this.files = new ConfigFiles(this, 'Script', {
      name: `${props.agent}-reloader`,
      namespace: props.namespace,
      identity: new Identity(props.agent),
      files: () => ({ 'reload.sh': script }),
    });
    this.container = {
      name: 'config-reloader',
      image: Platform.of(this).image('curl'),
      command: ['/bin/sh', `${SCRIPT_DIR}/reload.sh`],
      env: [
        { name: 'WATCH_DIRS', value: props.mounts.map(({ mountPath }) => mountPath).join(' ') },
        { name: 'RELOAD_URL', value: props.reloadUrl },
        { name: 'INTERVAL_SECONDS', value: String(seconds(props.interval ?? '15s')) },
      ],
      resources: { cpu: '5m', memory: '8Mi', memoryLimit: '24Mi' },
      volumeMounts: [{ name: 'reloader', mountPath: SCRIPT_DIR, readOnly: true }, ...props.mounts],
    };
    this.volumes = [this.files.volume('reloader')];
  }
}
