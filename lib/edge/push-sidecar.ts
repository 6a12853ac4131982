import { Construct } from 'constructs';
import type { PublicEndpoint } from '../contracts/endpoint';
import { ConfigFiles, checksum } from '../core/config-files';
import type { k8s } from '../core/k8s';
import { Identity } from '../core/labels';
import { Platform } from '../core/platform';
import { type ContainerSpec, fromField, scratch, secretVolume } from '../core/pods';
import { requireCredentials } from '../core/required-secrets';
import { type Duration, seconds } from '../core/units';
import { interval, verify } from '../core/validation';
import script from './push-sidecar.sh';

/** What the grouping label `instance` holds: the node's name, or its address and the exporter's port. */
export type InstanceLabel = 'node' | 'address';

/** What a PushSidecar is made of. */
export interface PushSidecarProps {
  /** Name of the exporter, or of the family of exporters, that it pushes for. */
  readonly exporter: string;
  readonly namespace: string;
  readonly endpoint: PublicEndpoint;
  /** The label `group`, where the endpoint does not set it by itself. @default - none */
  readonly group?: string;
  /** The exporter's port on the pod's loopback address. */
  readonly port: number;
  readonly metricsPath: string;
  readonly job: string;
  readonly instance: InstanceLabel;
  readonly interval: Duration;
}

const SCRIPT_DIR = '/opt/push';
const CREDENTIALS_DIR = '/etc/push/credentials';
const CA_DIR = '/etc/push/ca';
const SCRATCH_DIR = '/tmp';

/**
 * The container that pushes what an exporter beside it says: a shell script, run by the shell of the
 * curl image. The script stands in a ConfigMap with a fixed name, which is patched and never replaced,
 * since old KubeEdge stops syncing one that was deleted and made anew.
 */
export class PushSidecar extends Construct {
  readonly container: ContainerSpec;
  readonly volumes: readonly k8s.Volume[];
  /** Annotations that show which pods still run an older script. */
  readonly podAnnotations?: Readonly<Record<string, string>>;

  /** @throws InvalidOptionError when the interval is below a second or above an hour. */
  constructor(scope: Construct, id: string, props: PushSidecarProps) {
    super(scope, id);
    verify(this, { interval: [props.interval, interval] });
    requireCredentials(this, props.namespace, props.endpoint);
    const files = ConfigFiles.shared(this, 'Script', {
      name: `${props.exporter}-push`,
      namespace: props.namespace,
      identity: new Identity(props.exporter),
      files: () => ({ 'push.sh': script }),
    });
    this.container = container(props, Platform.of(this).image('curl'));
    this.podAnnotations = checksum([files]);
    this.volumes = [
      files.volume('push-script'),
      secretVolume('push-credentials', props.endpoint.credentialsSecretName),
      // One reading of the exporter as text and compressed; in memory, to spare the device's flash.
      scratch('push-scratch', '8Mi', 'Memory'),
      ...authority(props.endpoint),
    ];
  }
}

function container(props: PushSidecarProps, image: string): ContainerSpec {
  const { privateCa } = props.endpoint;
  return {
    name: 'push',
    image,
    command: ['/bin/sh', `${SCRIPT_DIR}/push.sh`],
    env: environment(props),
    resources: { cpu: '10m', memory: '16Mi', memoryLimit: '32Mi' },
    volumeMounts: [
      { name: 'push-script', mountPath: SCRIPT_DIR, readOnly: true },
      { name: 'push-credentials', mountPath: CREDENTIALS_DIR, readOnly: true },
      { name: 'push-scratch', mountPath: SCRATCH_DIR },
      ...(privateCa ? [{ name: 'push-ca', mountPath: CA_DIR, readOnly: true }] : []),
    ],
  };
}

function environment(props: PushSidecarProps): k8s.EnvVar[] {
  const { url, privateCa, group: stamped, shards } = props.endpoint;
  // A variable can only be used by those after it.
  return [
    fromField('NODE_NAME', 'spec.nodeName'),
    fromField('NODE_IP', 'status.hostIP'),
    ...variables({
      PUSH_URL: url,
      ...(shards && { SHARDS: String(shards) }),
      SOURCE_URL: `http://127.0.0.1:${props.port}${props.metricsPath}`,
      JOB: props.job,
      INSTANCE: props.instance === 'node' ? '$(NODE_NAME)' : `$(NODE_IP):${props.port}`,
      ...(props.group && !stamped && { GROUP: props.group }),
      INTERVAL_SECONDS: String(seconds(props.interval)),
      CREDENTIALS_DIR,
      SCRATCH_DIR,
      ...(privateCa && { CA_FILE: `${CA_DIR}/${privateCa.key}` }),
    }),
  ];
}

function variables(values: Readonly<Record<string, string>>): k8s.EnvVar[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

function authority({ privateCa }: PublicEndpoint): k8s.Volume[] {
  return privateCa
    ? [{ name: 'push-ca', configMap: { name: privateCa.configMapName, defaultMode: 0o444 } }]
    : [];
}
