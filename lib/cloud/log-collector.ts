import { Construct } from 'constructs';
import { alloy } from '../agents/alloy';
import type { LogAgent, LogSelection, LogSending, LogTask } from '../agents/log-agent';
import { SENDING, verifyLogOptions } from '../agents/log-options';
import { ConfigFiles, checksum } from '../core/config-files';
import { imageVersion } from '../core/images';
import type { k8s } from '../core/k8s';
import { Identity } from '../core/labels';
import { NetworkAccess } from '../core/network-access';
import { dnsLabel } from '../core/option-rules';
import { grantInCluster } from '../core/permissions';
import { Platform } from '../core/platform';
import { fromField, hostPath, type Resources, rootOfFiles, scratch } from '../core/pods';
import { httpProbes } from '../core/probes';
import { verify } from '../core/validation';
import { CloudDaemonSet } from './cloud-daemon-set';
import type { LokiStack } from './loki-stack';

/** What a LogCollector is made of. */
export interface LogCollectorProps extends LogSelection {
  /** Where the lines go. */
  readonly loki: LokiStack;
  /** Name of its objects. @default "log-collector" */
  readonly name?: string;
  /** Where its objects are made. @default - that of its chart, else `nodes` of the platform's */
  readonly namespace?: string;
  /**
   * The program that reads the files.
   * @default - Alloy, with the pods' label `app.kubernetes.io/name` as `app`
   */
  readonly agent?: LogAgent;
  /** How lines travel. @default - at once: the cluster's network is not metered */
  readonly sending?: LogSending;
  /** @default - the agent's own */
  readonly resources?: Resources;
}

const PORT = 12_345;
const CONFIG_DIR = '/etc/log-agent/config';
const STATE_DIR = '/var/lib/log-agent';

/** Sends the lines of every container of the cloud nodes to Loki, each by name. */
export class LogCollector extends Construct {
  /** @throws InvalidOptionError when an option is not allowed, or the agent cannot do what is asked for. */
  constructor(scope: Construct, id: string, props: LogCollectorProps) {
    super(scope, id);
    verify(this, { name: [props.name, dnsLabel] });
    verifyLogOptions(this, props, props.sending);
    const platform = Platform.of(this);
    const agent = props.agent ?? alloy({ kubernetesMetadata: true });
    const image = platform.image(agent.image);
    const name = props.name ?? 'log-collector';
    const identity = new Identity(name, imageVersion(image));
    const namespace = platform.namespaceOf(this, 'nodes', props.namespace);
    const task = taskOf(props, platform);
    const config = new ConfigFiles(this, 'Config', {
      name: `${name}-config`,
      namespace,
      identity,
      files: () => agent.files(task),
    });
    const network = new NetworkAccess(this, 'NetworkPolicy', { namespace, identity });
    network.connect(props.loki.pushServer);
    if (agent.needsApiServer) {
      grantInCluster(this, { name, namespace, identity, network }, [
        { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
      ]);
    }
    if (agent.notice) console.warn(`${this.node.path}: ${agent.notice}`);
    new CloudDaemonSet(this, 'Default', {
      identity,
      namespace,
      podAnnotations: checksum([config]),
      asksApiServer: agent.needsApiServer,
      securityContext: rootOfFiles(),
      volumes: [
        config.volume('config'),
        scratch('tmp', '64Mi'),
        hostPath('pods', '/var/log/pods'),
        hostPath('docker', '/var/lib/docker/containers', 'DirectoryOrCreate'),
        hostPath('state', `/var/lib/edge-observability/${name}`, 'DirectoryOrCreate'),
      ],
      container: {
        name,
        image,
        command: agent.command && [...agent.command],
        args: agent.args(task),
        env: [fromField('NODE_NAME', 'spec.nodeName')],
        ports: [{ name: 'http', containerPort: PORT, protocol: 'TCP' }],
        resources: props.resources ?? agent.resources,
        volumeMounts: mounts(),
        // Its own readiness, also for liveness: a health that fails with any of its parts mends nothing.
        ...httpProbes({ ready: agent.readyPath, live: agent.readyPath }),
      },
    });
  }
}

function taskOf(props: LogCollectorProps, { cluster, hasIpv6 }: Platform): LogTask {
  return {
    keep: props.keep,
    drop: props.drop,
    multiline: props.multiline,
    // What is asked about nodes of the edge leaves these out.
    labels: { cluster, side: 'cloud' },
    target: { url: props.loki.clusterPushUrl, tenant: props.loki.clusterTenant },
    sending: { ...SENDING, batchWait: '1s', ...props.sending },
    configDir: CONFIG_DIR,
    stateDir: STATE_DIR,
    listen: { address: hasIpv6 ? '::' : '0.0.0.0', port: PORT },
  };
}

function mounts(): k8s.VolumeMount[] {
  const readOnly = true;
  return [
    { name: 'config', mountPath: CONFIG_DIR, readOnly },
    { name: 'tmp', mountPath: '/tmp' },
    { name: 'pods', mountPath: '/var/log/pods', readOnly },
    { name: 'docker', mountPath: '/var/lib/docker/containers', readOnly },
    { name: 'state', mountPath: STATE_DIR },
  ];
}
