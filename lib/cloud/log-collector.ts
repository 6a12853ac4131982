import type * as k8s from 'cdk8s-plus-25/lib/imports/k8s';
import { Construct } from 'constructs';
import { podLogsConfig } from '../agents/alloy-pod-logs';
import { ConfigFiles, checksum } from '../core/config-files';
import { imageVersion } from '../core/images';
import { Identity } from '../core/labels';
import { NetworkAccess } from '../core/network-access';
import { Platform } from '../core/platform';
import { fromField, hostPath, type Resources, scratch } from '../core/pods';
import { dnsLabel, verify } from '../core/validation';
import { CloudDaemonSet } from './cloud-daemon-set';
import type { LokiStack } from './loki-stack';
import { httpProbes } from './probes';

/** What a LogCollector is made of. */
export interface LogCollectorProps {
  /** Where the lines go. */
  readonly loki: LokiStack;
  /** @default "log-collector" */
  readonly name?: string;
  readonly namespace?: string;
  /**
   * @default - 50m of a core, 128Mi of memory, at most 384Mi (Alloy needs about 120Mi for a mebibyte of
   * lines a second)
   */
  readonly resources?: Resources;
}

const PORT = 12_345;
const STATE_DIR = '/var/lib/alloy';

/** Sends the lines of every container of the cloud nodes to Loki: Grafana Alloy. */
export class LogCollector extends Construct {
  /** @throws InvalidOptionError when an option is not allowed. */
  constructor(scope: Construct, id: string, props: LogCollectorProps) {
    super(scope, id);
    verify(this, { name: [props.name, dnsLabel] });
    const platform = Platform.of(this);
    const image = platform.image('alloy');
    const identity = new Identity(props.name ?? 'log-collector', imageVersion(image));
    const namespace = platform.namespaceOf(this, 'nodes', props.namespace);
    const config = new ConfigFiles(this, 'Config', {
      name: `${identity.name}-config`,
      namespace,
      identity,
      files: () => ({
        'config.alloy': podLogsConfig({ cluster: platform.cluster, pushUrl: props.loki.clusterPushUrl }),
      }),
    });
    new NetworkAccess(this, 'NetworkPolicy', { namespace, identity }).connect(props.loki.pushServer);
    new CloudDaemonSet(this, 'Default', {
      identity,
      namespace,
      podAnnotations: checksum([config]),
      // Container logs are readable by root only, and so is the folder on the host that keeps positions.
      securityContext: { runAsUser: 0, runAsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } },
      volumes: [
        config.volume('config'),
        scratch('tmp', '64Mi'),
        hostPath('pods', '/var/log/pods'),
        hostPath('docker', '/var/lib/docker/containers', 'DirectoryOrCreate'),
        hostPath('state', '/var/lib/edge-observability/alloy', 'DirectoryOrCreate'),
      ],
      container: {
        name: identity.name,
        image,
        args: [
          'run',
          '/etc/alloy/config.alloy',
          `--server.http.listen-addr=0.0.0.0:${PORT}`,
          `--storage.path=${STATE_DIR}`,
          '--disable-reporting',
        ],
        env: [fromField('NODE_NAME', 'spec.nodeName')],
        ports: [{ name: 'http', containerPort: PORT, protocol: 'TCP' }],
        resources: props.resources ?? { cpu: '50m', memory: '128Mi', memoryLimit: '384Mi' },
        volumeMounts: mounts(),
        // Its /-/healthy fails with any of its components.
        ...httpProbes({ ready: '/-/ready', live: '/-/ready' }),
      },
    });
  }
}

function mounts(): k8s.VolumeMount[] {
  const readOnly = true;
  return [
    { name: 'config', mountPath: '/etc/alloy', readOnly },
    { name: 'tmp', mountPath: '/tmp' },
    { name: 'pods', mountPath: '/var/log/pods', readOnly },
    { name: 'docker', mountPath: '/var/lib/docker/containers', readOnly },
    { name: 'state', mountPath: STATE_DIR },
  ];
}
