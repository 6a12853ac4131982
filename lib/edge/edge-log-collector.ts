import { Construct } from 'constructs';
import { ConfigReloader, heldBy, RELOADER } from '../agents/config-reloader';
import { type AgentMetrics, type LogAgent, type LogTask, namesOf } from '../agents/log-agent';
import { defaultLogAgent } from '../agents/log-agents';
import { keptLines, SENDING } from '../agents/log-options';
import type { PublicEndpoint } from '../contracts/endpoint';
import { LOKI_PUSH_PATH } from '../contracts/log-sink';
import type { NodeTarget } from '../contracts/metrics-sink';
import { ConfigFiles, checksum } from '../core/config-files';
import { endpointOf } from '../core/groups';
import { imageVersion } from '../core/images';
import type { k8s } from '../core/k8s';
import { Identity } from '../core/labels';
import { ARCHITECTURE_LABEL, DOCKER_DRIVER_LABEL, type NodeRequirements } from '../core/placement';
import { Platform } from '../core/platform';
import { type ContainerSpec, fromField, hostPath, scratch, secretVolume } from '../core/pods';
import { caFileIn, caMounts, caVolumes } from '../core/private-ca';
import { requireCredentials } from '../core/required-secrets';
import { deviceOf, type KnownDevice, stateVolume } from './device';
import { EdgeDaemonSet } from './edge-daemon-set';
import { type EdgeLogCollectorProps, verifyCollectorProps } from './edge-log-collector-options';
import { podOptions } from './edge-pod-rules';
import { checkProxy, throughProxy } from './http-proxy';
import { claimOnNodes } from './node-claims';
import { keep } from './scrape-jobs';

const POD_LOGS_DIR = '/var/log/pods';
const LOG_ROOTS = ['/var/lib/docker/containers', '/var/lib/containerd'];
const CONFIG_DIR = '/etc/log-agent/config';
const CREDENTIALS_DIR = '/etc/log-agent/credentials';
const CA_DIR = '/etc/log-agent/ca';
const STATE_DIR = '/var/lib/log-agent';
const LOOPBACK = '127.0.0.1';
const WATCHED: readonly k8s.VolumeMount[] = [
  { name: 'config', mountPath: CONFIG_DIR, readOnly: true },
  { name: 'credentials', mountPath: CREDENTIALS_DIR, readOnly: true },
];

/**
 * Sends the lines of every container of the edge nodes to Loki, each by name. It reads the files of
 * kubelet's pods and asks nobody else. While Loki is out of reach the files are the buffer: afterwards the file
 * that was being read is read to its end, and then the newest.
 */
export class EdgeLogCollector extends Construct {
  /**
   * @throws InvalidOptionError when an option is not allowed, when the agent cannot do what is asked for or
   * needs an API server, or when something else takes the logs of the same nodes.
   */
  constructor(scope: Construct, id: string, props: EdgeLogCollectorProps) {
    super(scope, id);
    verifyCollectorProps(this, props);
    if (props.agent?.notice) console.warn(`${this.node.path}: ${props.agent.notice}`);
    claimOnNodes(this, 'reading the logs of containers', props, 'give one another nodeSelector');
    const agent = props.agent ?? defaultLogAgent();
    const platform = Platform.of(this);
    const image = platform.image(agent.image);
    const namespace = platform.namespaceOf(this, 'edge', props.namespace);
    const name = props.name ?? 'edge-log-collector';
    const family = props.family ?? name;
    const endpoint = endpointOf(this, props.sink.endpoint, props.group);
    requireCredentials(this, namespace, endpoint);
    const device = deviceOf(this, props.device);
    const task = taskOf(props, platform.cluster, endpoint, device);
    const urlOf = (path: string) => `http://${task.listen.address}:${task.listen.port}${path}`;
    const roots = [POD_LOGS_DIR, ...(props.logRoots ?? LOG_ROOTS)];
    // Rendered now, so that what the agent cannot do is refused at once.
    const files = agent.files(task);
    const config = new ConfigFiles(this, 'config', {
      name: `${name}-config`,
      namespace,
      identity: new Identity(name),
      files: () => files,
    });
    if (agent.metrics) props.metrics?.scrape(progressOf(family, agent.metrics, task.listen.port));
    const reloader = new ConfigReloader(this, 'reloader', {
      agent: family,
      namespace,
      mounts: WATCHED,
      reloadUrl: urlOf(agent.reloadPath),
      reloadCountUrl: agent.reloadCountPath && urlOf(agent.reloadCountPath),
      held: heldBy(agent.metrics, urlOf, logMounts(roots)),
    });
    new EdgeDaemonSet(this, 'Default', {
      ...podOptions(props),
      name,
      namespace,
      version: imageVersion(image),
      hostNetwork: props.metrics && agent.metrics ? true : undefined,
      shareProcesses: true,
      // Container logs are root's, and so is the folder of the host that keeps positions.
      uid: 0,
      nodeAlternatives: [nodesFor(agent)],
      initContainers: checkProxy(device.httpProxy, platform.image('curl')),
      containers: [
        throughProxy(
          device.httpProxy,
          agentContainer(agent, image, task, props, mounts(roots, endpoint)),
          agent.proxyVariable,
        ),
        reloader.container,
      ],
      volumes: [
        config.volume('config'),
        secretVolume('credentials', endpoint.credentialsSecretName),
        scratch('tmp', '16Mi'),
        stateVolume(device, family),
        ...roots.map((path, number) => hostPath(`logs-${number}`, path, 'DirectoryOrCreate')),
        ...caVolumes(endpoint),
        reloader.volume,
      ],
      // Not of the configuration: the agent reads that again by itself.
      podAnnotations: checksum([reloader.files]),
    });
  }
}

/** Nodes that the agent's image runs on, but for those whose Docker sends its logs by itself. */
function nodesFor({ architectures }: LogAgent): NodeRequirements {
  return [
    ...Object.entries(DOCKER_DRIVER_LABEL).map(([key, value]) => ({
      key,
      operator: 'NotIn',
      values: [value],
    })),
    { key: ARCHITECTURE_LABEL, operator: 'In', values: [...architectures] },
  ];
}

/** As much as a few hundred files say; of what is beyond, nothing is sent. */
const MOST_SERIES = 400;

function progressOf(job: string, metrics: AgentMetrics, port: number): NodeTarget {
  return {
    job,
    port,
    metricsPath: metrics.path,
    instance: 'node',
    interval: '5m',
    metricRelabeling: [keep(namesOf(metrics)), { regex: 'component_.+', action: 'labeldrop' }],
    seriesLimit: MOST_SERIES,
    // Not on nodes whose Docker sends its logs by itself; the same jobs are read on all.
    onSomeNodes: true,
  };
}

function taskOf(
  props: EdgeLogCollectorProps,
  cluster: string,
  endpoint: PublicEndpoint,
  { ports, httpProxy }: KnownDevice,
): LogTask {
  return {
    // EdgeLogsMissing knows nodes by what the reloader writes.
    keep: keptLines(props.keep) && [...(props.keep ?? []), { container: RELOADER }],
    drop: props.drop,
    multiline: props.multiline,
    labels: { cluster, ...(props.group && { group: props.group }), ...props.streamLabels },
    target: {
      url: `${endpoint.url}${LOKI_PUSH_PATH}`,
      credentialsDir: CREDENTIALS_DIR,
      caFile: caFileIn(CA_DIR, endpoint),
      ...(httpProxy && { byProxy: true }),
    },
    sending: { ...SENDING, ...props.sending },
    configDir: CONFIG_DIR,
    stateDir: STATE_DIR,
    listen: { address: LOOPBACK, port: ports?.logCollector ?? 12_345 },
  };
}

function agentContainer(
  agent: LogAgent,
  image: string,
  task: LogTask,
  { resources }: EdgeLogCollectorProps,
  volumeMounts: k8s.VolumeMount[],
): ContainerSpec {
  return {
    name: agent.name,
    image,
    command: agent.command && [...agent.command],
    args: agent.args(task),
    env: [fromField('NODE_NAME', 'spec.nodeName')],
    resources: resources ?? agent.resources,
    // A port of the node: the pod of another group starts when this one has ended, where a node changes its group.
    ports: [
      {
        name: 'http',
        containerPort: task.listen.port,
        hostPort: task.listen.port,
        hostIp: task.listen.address,
        protocol: 'TCP',
      },
    ],
    volumeMounts,
  };
}

function mounts(roots: readonly string[], endpoint: PublicEndpoint): k8s.VolumeMount[] {
  return [
    ...WATCHED,
    { name: 'tmp', mountPath: '/tmp' },
    { name: 'state', mountPath: STATE_DIR },
    ...logMounts(roots),
    ...caMounts(CA_DIR, endpoint),
  ];
}

function logMounts(roots: readonly string[]): k8s.VolumeMount[] {
  return roots.map((mountPath, number) => ({ name: `logs-${number}`, mountPath, readOnly: true }));
}
