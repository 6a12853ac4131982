import { Construct } from 'constructs';
import { ShellScript } from '../../agents/shell-script';
import type { PublicEndpoint } from '../../contracts/endpoint';
import {
  basicAuthSecretMounts,
  basicAuthSecretVolumes,
  nodeCertificateFilePaths,
  nodeCertificateMounts,
  nodeCertificateVolumes,
} from '../../core/client-login';
import { checksumAnnotation } from '../../core/config-files';
import type { k8s } from '../../core/k8s';
import { Platform } from '../../core/platform';
import { type ContainerSpec, emptyDirVolume } from '../../core/pods';
import { caFilePath, caMounts, caVolumes } from '../../core/private-ca';
import { registerClientSecretAndExternalSecret } from '../../core/required-secrets';
import { type Duration, toSeconds } from '../../core/units';
import {
  addProxyEnvToContainer,
  type HttpProxy,
  initContainersThatCheckProxyCredentials,
} from '../daemon-set';
import passwordScript from './push-sidecar.sh';
import certificateScript from './push-sidecar-certificate.sh';

/** Value of the label `instance`: the node's name, or the node's IP address and the exporter's port. */
export type InstanceLabel = 'node' | 'address';

/** Properties for `PushSidecar`. */
export interface PushSidecarProps {
  /** Name of the exporter without the name of the node group. */
  readonly exporter: string;
  readonly namespace: string;
  readonly endpoint: PublicEndpoint;
  /** Value of the label `group`. If the endpoint sets the label, this value is not used. @default - no label */
  readonly group?: string;
  /** The exporter's port on the pod's loopback address. */
  readonly port: number;
  readonly metricsPath: string;
  readonly job: string;
  readonly instance: InstanceLabel;
  readonly interval: Duration;
  /** Scrape timeout of the exporter. @default "5s" */
  readonly timeout?: Duration;
  /**
   * URL path of each target of a multi-target exporter, by the target's label `instance`.
   * @default - the exporter is the only target, at `metricsPath` with the label `instance`
   */
  readonly targets?: ReadonlyMap<string, string>;
  /** Proxy through which the sidecar connects to the endpoint. @default - the sidecar connects directly */
  readonly proxy?: HttpProxy | false;
}

const CREDENTIALS_DIR = '/etc/push/credentials';
const CA_DIR = '/etc/push/ca';
const SCRATCH_DIR = '/tmp';

/** The file with the node's key belongs to root and has mode 0600, so the container runs as root, without capabilities. */
const RUN_AS_ROOT: k8s.SecurityContext = { runAsUser: 0, runAsGroup: 0, runAsNonRoot: false };

/** Sidecar container that scrapes the exporter in the same pod and pushes the metrics to a Pushgateway. */
export class PushSidecar extends Construct {
  readonly container: ContainerSpec;
  readonly initContainers: readonly ContainerSpec[];
  readonly volumes: readonly k8s.Volume[];
  /** Checksum of the script, as a pod annotation. A changed script thereby changes the pod template. */
  readonly podAnnotations?: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: PushSidecarProps) {
    super(scope, id);
    const { namespace, endpoint } = props;
    const showsCertificate = endpoint.clientCertificate !== undefined;
    registerClientSecretAndExternalSecret(this, namespace, endpoint);
    const push = new ShellScript(this, 'Push', {
      name: 'push',
      workload: props.exporter,
      namespace,
      configMapName: `${props.exporter}-push`,
      file: 'push.sh',
      script: showsCertificate ? certificateScript : passwordScript,
      fields: { NODE_NAME: 'spec.nodeName', NODE_IP: 'status.hostIP' },
      variables: sidecarEnvVariables(props),
      resources: { cpu: '10m', memory: '16Mi', memoryLimit: '32Mi' },
      volumeMounts: [
        ...basicAuthSecretMounts(CREDENTIALS_DIR, endpoint, 'push-credentials'),
        ...nodeCertificateMounts(endpoint),
        { name: 'push-scratch', mountPath: SCRATCH_DIR },
        ...caMounts(CA_DIR, endpoint, 'push-ca'),
      ],
    });
    const container = showsCertificate ? { ...push.container, securityContext: RUN_AS_ROOT } : push.container;
    this.container = addProxyEnvToContainer(props.proxy, container);
    this.initContainers = initContainersThatCheckProxyCredentials(
      props.proxy,
      Platform.of(this).image('curl'),
    );
    this.podAnnotations = checksumAnnotation([push.files]);
    this.volumes = [
      push.volume,
      ...basicAuthSecretVolumes(endpoint, 'push-credentials'),
      ...nodeCertificateVolumes(endpoint),
      // The volume contains one scrape as text and compressed. It is in memory, to avoid wear of the device's flash.
      emptyDirVolume('push-scratch', '8Mi', 'Memory'),
      ...caVolumes(endpoint, 'push-ca'),
    ];
  }
}

function sidecarEnvVariables(props: PushSidecarProps): Readonly<Record<string, string>> {
  const { url, group: stamped, shards, credentialsSecretName } = props.endpoint;
  const certificate = nodeCertificateFilePaths(props.endpoint);
  const caFile = caFilePath(CA_DIR, props.endpoint);
  return {
    PUSH_URL: url,
    ...(shards && { SHARDS: String(shards) }),
    SOURCE_URL: `http://127.0.0.1:${props.port}${props.metricsPath}`,
    JOB: props.job,
    INSTANCE: props.instance === 'node' ? '$(NODE_NAME)' : `$(NODE_IP):${props.port}`,
    ...(props.group && !stamped && { GROUP: props.group }),
    INTERVAL_SECONDS: String(toSeconds(props.interval)),
    ...(props.timeout && { READ_SECONDS: String(toSeconds(props.timeout)) }),
    ...(props.targets && { TARGETS: renderTargetLines(props.targets, props.port) }),
    ...(credentialsSecretName && { CREDENTIALS_DIR }),
    ...(certificate && { CERTIFICATE_FILE: certificate.certificateFile, KEY_FILE: certificate.keyFile }),
    SCRATCH_DIR,
    ...(caFile && { CA_FILE: caFile }),
  };
}

/** Renders the targets as lines, such as `plc-1 http://127.0.0.1:9116/snmp?target=192.0.2.7`. */
const renderTargetLines = (targets: ReadonlyMap<string, string>, port: number): string =>
  [...targets].map(([instance, path]) => `${instance} http://127.0.0.1:${port}${path}`).join('\n');
