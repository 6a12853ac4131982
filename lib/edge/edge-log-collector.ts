import { Construct } from 'constructs';
import { alloy } from '../agents/alloy';
import { fluentBit } from '../agents/fluent-bit';
import type { AgentMetrics, LogAgent, LogSelection, LogSending, LogTask } from '../agents/log-agent';
import { SENDING, verifyLogOptions } from '../agents/log-options';
import type { PublicEndpoint } from '../contracts/endpoint';
import { LOKI_PUSH_PATH, type LogSink } from '../contracts/log-sink';
import type { NodeAgent, NodeTarget } from '../contracts/metrics-sink';
import { ConfigFiles, checksum } from '../core/config-files';
import { endpointOf } from '../core/groups';
import { imageVersion } from '../core/images';
import type { k8s } from '../core/k8s';
import { Identity } from '../core/labels';
import { ARCHITECTURE_LABEL, DOCKER_DRIVER_LABEL, type NodeRequirements } from '../core/placement';
import { Platform } from '../core/platform';
import { type ContainerSpec, fromField, hostPath, type Resources, scratch, secretVolume } from '../core/pods';
import { caFileIn, caMounts, caVolumes } from '../core/private-ca';
import { requireCredentials } from '../core/required-secrets';
import {
  absolutePath,
  dnsLabel,
  invalid,
  labels,
  labelValue,
  listOf,
  streamLabels,
  verify,
} from '../core/validation';
import { ConfigReloader } from './config-reloader';
import { EdgeDaemonSet, type EdgeDaemonSetProps } from './edge-daemon-set';
import { claimOnNodes } from './node-claims';
import { keep } from './scrape-jobs';

/** What an EdgeLogCollector is made of. */
export interface EdgeLogCollectorProps
  extends LogSelection,
    Pick<
      EdgeDaemonSetProps,
      'namespace' | 'nodeSelector' | 'excludedNodes' | 'tolerations' | 'priorityClassName' | 'updateStrategy'
    > {
  /** Where the lines go. */
  readonly sink: LogSink;
  /** Name of the DaemonSet, and the beginning of a second one's. @default "edge-log-collector" */
  readonly name?: string;
  /**
   * Its name where the group of its nodes does not matter: on the nodes' disks, in labels of what is measured, of
   * objects that are the same for all groups.
   * @default - its name
   */
  readonly family?: string;
  /**
   * The program that reads the files: `alloy()`, `fluentBit()`, `promtail()`, or one of your own.
   * @default - Alloy on 64-bit nodes, Fluent Bit on 32-bit ARM and on `smallNodes`
   */
  readonly agent?: LogAgent;
  /** Labels of the nodes with less than a gibibyte of memory, where Fluent Bit stands in for Alloy. @default - none */
  readonly smallNodes?: Readonly<Record<string, string>>;
  /**
   * The group of these nodes: the label `group` of every line and, where the sink knows groups, whose user they
   * push as.
   * @default - none
   */
  readonly group?: string;
  /** More labels for every line, with fixed values. @default - none */
  readonly streamLabels?: Readonly<Record<string, string>>;
  /**
   * The agent of the same nodes that reads how far the collector is behind, once in five minutes. It does so on the
   * node's loopback address, so that the collector is on the host's network then.
   * @default - nobody reads that
   */
  readonly metrics?: NodeAgent;
  /** How lines travel. @default - a request every ten seconds, of at most a mebibyte */
  readonly sending?: LogSending;
  /** @default - the agent's own */
  readonly resources?: Resources;
  /**
   * Folders that the links in /var/log/pods lead to.
   * @default - those of Docker and of containerd
   */
  readonly logRoots?: readonly string[];
}

const POD_LOGS_DIR = '/var/log/pods';
const LOG_ROOTS = ['/var/lib/docker/containers', '/var/lib/containerd'];
const CONFIG_DIR = '/etc/log-agent/config';
const CREDENTIALS_DIR = '/etc/log-agent/credentials';
const CA_DIR = '/etc/log-agent/ca';
const STATE_DIR = '/var/lib/log-agent';
const LISTEN = { address: '127.0.0.1', port: 12_345 };

/** Labels that the collector itself gives to lines. */
const OWN_LABELS = ['cluster', 'group', 'node', 'namespace', 'pod', 'container', 'job', 'stream', 'side'];

/**
 * Sends the lines of every container of the edge nodes to Loki, each by name. It reads the files of
 * kubelet's pods and asks nobody else; while Loki is out of reach the files are the buffer, and afterwards
 * every line is sent that rotation left.
 */
export class EdgeLogCollector extends Construct {
  /**
   * @throws InvalidOptionError when an option is not allowed, when the agent cannot do what is asked for or
   * needs an API server, or when something else takes the logs of the same nodes.
   */
  constructor(scope: Construct, id: string, props: EdgeLogCollectorProps) {
    super(scope, id);
    verifyProps(this, props);
    claimOnNodes(this, 'reading the logs of containers', props, 'give one another nodeSelector');
    for (const [index, { agent, alternatives }] of placements(props).entries()) {
      this.makeDaemonSet(props, agent, alternatives, index);
    }
  }

  private makeDaemonSet(
    props: EdgeLogCollectorProps,
    agent: LogAgent,
    alternatives: readonly NodeRequirements[],
    index: number,
  ): void {
    const platform = Platform.of(this);
    const image = platform.image(agent.image);
    const namespace = platform.namespaceOf(this, 'edge', props.namespace);
    const base = props.name ?? 'edge-log-collector';
    const named = (one: string) => (index === 0 ? one : `${one}-${agent.name}`);
    const [name, family] = [named(base), named(props.family ?? base)];
    const endpoint = endpointOf(this, props.sink.endpoint, props.group);
    requireCredentials(this, namespace, endpoint);
    const task = taskOf(props, platform.cluster, endpoint);
    // Made now, so that what the agent cannot do is said at once.
    const files = agent.files(task);
    const config = new ConfigFiles(this, `${agent.name}-config`, {
      name: `${name}-config`,
      namespace,
      identity: new Identity(name),
      files: () => files,
    });
    const watched = [
      { name: 'config', mountPath: CONFIG_DIR, readOnly: true },
      { name: 'credentials', mountPath: CREDENTIALS_DIR, readOnly: true },
    ];
    if (agent.metrics) props.metrics?.scrape(progressOf(family, agent.metrics));
    const reloader = new ConfigReloader(this, `${agent.name}-reloader`, {
      agent: family,
      namespace,
      mounts: watched,
      reloadUrl: `http://${LISTEN.address}:${LISTEN.port}${agent.reloadPath}`,
    });
    const roots = [POD_LOGS_DIR, ...(props.logRoots ?? LOG_ROOTS)];
    new EdgeDaemonSet(this, index === 0 ? 'Default' : agent.name, {
      ...props,
      name,
      namespace,
      version: imageVersion(image),
      hostNetwork: props.metrics && agent.metrics ? true : undefined,
      // Container logs are root's, and so is the folder of the host that keeps positions.
      uid: 0,
      nodeAlternatives: alternatives,
      containers: [
        agentContainer(agent, image, task, props, [...watched, ...mounts(roots, endpoint)]),
        reloader.container,
      ],
      volumes: [
        config.volume('config'),
        secretVolume('credentials', endpoint.credentialsSecretName),
        scratch('tmp', '16Mi'),
        hostPath('state', `/var/lib/edge-observability/${family}`, 'DirectoryOrCreate'),
        ...roots.map((path, number) => hostPath(`logs-${number}`, path, 'DirectoryOrCreate')),
        ...caVolumes(endpoint),
        reloader.volume,
      ],
      // Not of the configuration: the agent reads that again by itself.
      podAnnotations: checksum([reloader.files]),
    });
  }
}

/** As much as a few hundred files say; of what is beyond, nothing is sent. */
const MOST_SERIES = 400;

function progressOf(job: string, { path, names }: AgentMetrics): NodeTarget {
  return {
    job,
    port: LISTEN.port,
    metricsPath: path,
    instance: 'node',
    interval: '5m',
    metricRelabeling: [keep(names), { regex: 'component_.+', action: 'labeldrop' }],
    seriesLimit: MOST_SERIES,
    // One of several agents, by what the node is; the same jobs are read on all.
    onSomeNodes: true,
  };
}

function verifyProps(scope: Construct, props: EdgeLogCollectorProps): void {
  verify(scope, {
    name: [props.name, dnsLabel],
    group: [props.group, labelValue],
    family: [props.family, dnsLabel],
    streamLabels: [props.streamLabels, streamLabels],
    smallNodes: [props.smallNodes, labels],
    logRoots: [props.logRoots, listOf(absolutePath)],
  });
  verifyLogOptions(scope, props, props.sending);
  if (!props.sink)
    throw invalid(scope, 'sink is missing; allowed: a LokiStack of this stack, or fromLoki({ ... })');
  const taken = OWN_LABELS.filter((name) => name in (props.streamLabels ?? {}));
  if (taken.length) {
    throw invalid(
      scope,
      `streamLabels has ${taken.join(', ')}, which the collector sets itself; allowed: other names`,
    );
  }
  if (props.agent?.needsApiServer) {
    throw invalid(
      scope,
      `agent asks the API server, which edge nodes cannot reach; allowed: alloy(), fluentBit(), promtail()`,
    );
  }
  const [[key, value]] = Object.entries(DOCKER_DRIVER_LABEL) as [[string, string]];
  if (props.nodeSelector?.[key] === value) {
    throw invalid(
      scope,
      `nodeSelector asks for nodes whose Docker sends its logs by itself (${key}=${value}); allowed: other nodes`,
    );
  }
  if (props.agent?.notice) console.warn(`${scope.node.path}: ${props.agent.notice}`);
}

interface Placement {
  readonly agent: LogAgent;
  readonly alternatives: readonly NodeRequirements[];
}

/** Which agent runs where: off the nodes whose Docker sends by itself, and only on what its image runs on. */
function placements({ agent, smallNodes = {} }: EdgeLogCollectorProps): Placement[] {
  const tailed = Object.entries(DOCKER_DRIVER_LABEL).map(([key, value]) => isNot(key, value));
  const on = (one: LogAgent, ...more: NodeRequirements[]) => ({
    agent: one,
    alternatives: more.map((requirements) => [...tailed, ...requirements]),
  });
  if (agent)
    return [on(agent, [{ key: ARCHITECTURE_LABEL, operator: 'In', values: [...agent.architectures] }])];
  const small = Object.entries(smallNodes);
  const big = alloy();
  const wide: k8s.NodeSelectorRequirement = {
    key: ARCHITECTURE_LABEL,
    operator: 'In',
    values: [...big.architectures],
  };
  const narrow: k8s.NodeSelectorRequirement = { key: ARCHITECTURE_LABEL, operator: 'In', values: ['arm'] };
  return [
    // A node that lacks one of the labels is not small.
    small.length ? on(big, ...small.map(([key, value]) => [wide, isNot(key, value)])) : on(big, [wide]),
    on(
      fluentBit(),
      [narrow],
      ...(small.length ? [[wide, ...small.map(([key, value]) => is(key, value))]] : []),
    ),
  ];
}

const is = (key: string, value: string): k8s.NodeSelectorRequirement => ({
  key,
  operator: 'In',
  values: [value],
});
const isNot = (key: string, value: string): k8s.NodeSelectorRequirement => ({
  key,
  operator: 'NotIn',
  values: [value],
});

function taskOf(props: EdgeLogCollectorProps, cluster: string, endpoint: PublicEndpoint): LogTask {
  return {
    keep: props.keep,
    drop: props.drop,
    multiline: props.multiline,
    labels: { cluster, ...(props.group && { group: props.group }), ...props.streamLabels },
    target: {
      url: `${endpoint.url}${LOKI_PUSH_PATH}`,
      credentialsDir: CREDENTIALS_DIR,
      caFile: caFileIn(CA_DIR, endpoint),
    },
    sending: { ...SENDING, ...props.sending },
    configDir: CONFIG_DIR,
    stateDir: STATE_DIR,
    listen: LISTEN,
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
    volumeMounts,
  };
}

function mounts(roots: readonly string[], endpoint: PublicEndpoint): k8s.VolumeMount[] {
  return [
    { name: 'tmp', mountPath: '/tmp' },
    { name: 'state', mountPath: STATE_DIR },
    ...roots.map((mountPath, number) => ({ name: `logs-${number}`, mountPath, readOnly: true })),
    ...caMounts(CA_DIR, endpoint),
  ];
}
