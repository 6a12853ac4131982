import { Construct } from 'constructs';
import { ConfigFiles } from '../core/config-files';
import type { k8s } from '../core/k8s';
import { Identity } from '../core/labels';
import { Platform } from '../core/platform';
import { type ContainerSpec, envFromField, type Resources } from '../core/pods';

/** Properties for `ShellScript`. */
export interface ShellScriptProps {
  /** Name of the container and of the volume with the script. */
  readonly name: string;
  /**
   * Name of the workload that runs the script. The labels of the ConfigMap contain this name. If all node groups
   * share the script, the name does not contain the name of a group, for example `edge-log-collector`.
   */
  readonly workload: string;
  readonly namespace: string;
  /**
   * Name of the ConfigMap. The name must not change with the content, because old KubeEdge versions no longer sync a
   * ConfigMap that was deleted and re-created.
   */
  readonly configMapName: string;
  /** Name of the script file. */
  readonly file: string;
  readonly script: string;
  /**
   * Environment variables whose values are pod fields, such as `{ NODE_NAME: 'spec.nodeName' }`. Values of `variables`
   * can reference these variables, as in `$(NODE_NAME)`.
   * @default - no variables with pod fields
   */
  readonly fields?: Readonly<Record<string, string>>;
  /** Environment variables with fixed values. */
  readonly variables: Readonly<Record<string, string>>;
  readonly resources: Resources;
  /** Volume mounts of the container. */
  readonly volumeMounts: readonly k8s.VolumeMount[];
}

/**
 * A sidecar or init container that runs a shell script, with the volume and the ConfigMap of the script. The image is
 * the curl image, whose shell is busybox ash.
 */
export class ShellScript extends Construct {
  readonly container: ContainerSpec;
  readonly volume: k8s.Volume;
  readonly files: ConfigFiles;

  constructor(scope: Construct, id: string, props: ShellScriptProps) {
    super(scope, id);
    const folder = `/opt/${props.name}`;
    this.files = ConfigFiles.findOrCreate(this, 'Script', {
      name: props.configMapName,
      namespace: props.namespace,
      identity: new Identity(props.workload),
      files: () => ({ [props.file]: props.script }),
    });
    this.volume = this.files.toVolume(props.name);
    this.container = {
      name: props.name,
      image: Platform.of(this).image('curl'),
      command: ['/bin/sh', `${folder}/${props.file}`],
      env: [
        ...Object.entries(props.fields ?? {}).map(([name, path]) => envFromField(name, path)),
        ...Object.entries(props.variables).map(([name, value]) => ({ name, value })),
      ],
      resources: props.resources,
      volumeMounts: [{ name: props.name, mountPath: folder, readOnly: true }, ...props.volumeMounts],
    };
  }
}
