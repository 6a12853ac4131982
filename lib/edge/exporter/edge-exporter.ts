import { Construct } from 'constructs';
import type { ExporterSink, NodeAgent, PushgatewaySink } from '../../contracts/metrics-sink';
import type { RelabelConfig } from '../../contracts/scrape-target';
import { endpointOf } from '../../core/groups';
import { type ImageName, imageVersion } from '../../core/images';
import type { k8s } from '../../core/k8s';
import { Platform } from '../../core/platform';
import type { ContainerSpec, Resources } from '../../core/pods';
import { edgeJob } from '../../core/reserved-names';
import { verifyOptions } from '../../core/structure-rules';
import { type Duration, seconds } from '../../core/units';
import { invalid, verify } from '../../core/validation';
import {
  claimOnNodes,
  deviceOf,
  EdgeDaemonSet,
  type EdgeDaemonSetProps,
  type EdgePodOptions,
  podOptions,
} from '../daemon-set';
import { type ExporterTarget, pathOf } from './exporter-targets';
import { EDGE_EXPORTER_OPTIONS } from './options';
import { type InstanceLabel, PushSidecar } from './push-sidecar';

/** What every exporter of the edge can be told, whatever it exports. */
export interface EdgeExporterOptions extends EdgePodOptions, Pick<EdgeDaemonSetProps, 'labels'> {
  /**
   * Where the metrics go. To a Pushgateway a sidecar pushes them; an EdgeMetricsAgent reads them, for which
   * an exporter with a network of its own listens on its pod's address.
   */
  readonly sink: ExporterSink;
  /**
   * The group of these nodes: the label `group` of what they push and, where the sink knows groups, whose user
   * they push as. An agent has a group of its own.
   * @default - none
   */
  readonly group?: string;
  /**
   * How often they are pushed, or read, from `1s` to `1h`. The alert EdgeExporterDown is raised by pushes that are
   * further apart than `silentAfter`.
   * @default "10s" - and where an agent reads them, as often as it reads others
   */
  readonly interval?: Duration;
  /**
   * Its name where the group of its nodes does not matter: on the nodes' disks, in labels of what is measured, of
   * objects that are the same for all groups.
   * @default - its name
   */
  readonly family?: string;
  /** The label `instance`. @default "node" - an address changes, and repeats itself in every site */
  readonly instance?: InstanceLabel;
  /**
   * How long it may take to answer, at most as long as `interval`: an exporter that asks devices takes longer.
   * @default - 5 seconds for a sidecar, up to 10 for an agent
   */
  readonly timeout?: Duration;
  /** The label `job`. @default - the exporter's name */
  readonly job?: string;
}

/** What an EdgeExporter is made of. */
export interface EdgeExporterProps extends EdgeExporterOptions {
  /** Name of the DaemonSet. */
  readonly name: string;
  /** Image with a tag or digest, or the name of an image of the stack. */
  readonly image: ImageName | (string & {});
  /** Name of the exporter's container. @default "exporter" */
  readonly containerName?: string;
  /** What the container runs in the place of the image's entry point. @default - the image's own */
  readonly command?: readonly string[];
  /** Arguments of the exporter. @default - none */
  readonly args?: readonly string[];
  /** Variables of its environment. No secret belongs here: mount it. @default - none */
  readonly env?: readonly k8s.EnvVar[];
  /** The port of the exporter, on the loopback address of the pod or, for an agent, on the pod's own. */
  readonly port: number;
  /** Path of its metrics. @default "/metrics" */
  readonly metricsPath?: string;
  /** @default - 50m of a core, 32Mi of memory, at most 64Mi */
  readonly resources?: Resources;
  /** The host's network instead of the pod's own. @default false */
  readonly hostNetwork?: boolean;
  /** The host's processes instead of the pod's own. @default false */
  readonly hostPid?: boolean;
  /** The pod's user. @default - nobody (65534) */
  readonly uid?: number;
  /** Volumes of the pod beside those of the sidecar. @default - none */
  readonly volumes?: readonly k8s.Volume[];
  /** Where the exporter's container mounts them. @default - none */
  readonly volumeMounts?: readonly k8s.VolumeMount[];
  /** What the container needs beyond a hardened one; state the reason beside it. @default - nothing */
  readonly securityContext?: k8s.SecurityContext;
  /** What an agent does with each series; a sidecar pushes all. @default - nothing */
  readonly metricRelabeling?: readonly RelabelConfig[];
  /**
   * Targets of an exporter that is asked for each of them by parameters, such as those of SNMP, Modbus, IPMI or blackbox
   * probes; `instance` is then the target's. A sidecar pushes each under a grouping key of its own, one after another.
   * @default - the exporter itself is the only one
   */
  readonly targets?: readonly ExporterTarget[];
}

const DEFAULT_RESOURCES: Resources = { cpu: '50m', memory: '32Mi', memoryLimit: '64Mi' };

/**
 * Any exporter on every edge node, with the sidecar that pushes what it says. A node that runs several
 * gives each a job of its own: the sink keeps one group for each job and instance.
 */
export class EdgeExporter extends Construct {
  /** What runs it, sidecar and all. */
  readonly daemonSet: EdgeDaemonSet;

  /**
   * @throws InvalidOptionError when an option is not allowed, or when another exporter of the same
   * nodes has the same host port, or the same job.
   */
  constructor(scope: Construct, id: string, props: EdgeExporterProps) {
    super(scope, id);
    verifyProps(this, props);
    const platform = Platform.of(this);
    const reference = platform.image(props.image);
    const namespace = platform.namespaceOf(this, 'edge', props.namespace);
    const sidecar = this.connect(props, namespace);
    this.daemonSet = new EdgeDaemonSet(this, 'Default', {
      ...podOptions(props),
      ...{ name: props.name, labels: props.labels, uid: props.uid },
      ...{ hostNetwork: props.hostNetwork, hostPid: props.hostPid },
      namespace,
      version: imageVersion(reference),
      containers: [exporterContainer(props, reference), ...(sidecar ? [sidecar.container] : [])],
      initContainers: sidecar?.initContainers,
      volumes: [...(props.volumes ?? []), ...(sidecar?.volumes ?? [])],
      podAnnotations: sidecar?.podAnnotations,
    });
  }

  /** The sink decides: a sidecar that pushes, or an agent that reads. */
  private connect(props: EdgeExporterProps, namespace: string): PushSidecar | undefined {
    const { sink } = props;
    if (sink.protocol === 'pushgateway') return this.makeSidecar(props, sink, namespace);
    this.hand(props, sink);
    return undefined;
  }

  private hand(props: EdgeExporterProps, agent: NodeAgent): void {
    const { name, job = name, instance = 'node', timeout, targets } = props;
    agent.scrape({
      job,
      port: props.port,
      metricsPath: props.metricsPath ?? '/metrics',
      instance,
      interval: props.interval,
      timeout,
      targets,
      metricRelabeling: props.metricRelabeling,
    });
  }

  private makeSidecar(props: EdgeExporterProps, sink: PushgatewaySink, namespace: string): PushSidecar {
    const { name, job = name, instance = 'node', metricsPath: path = '/metrics' } = props;
    claimOnNodes(this, `job ${JSON.stringify(job)}`, props, 'give one another job or another nodeSelector');
    return new PushSidecar(this, 'Push', {
      exporter: props.family ?? name,
      namespace,
      endpoint: endpointOf(this, sink.endpoint, props.group),
      group: props.group,
      port: props.port,
      metricsPath: path,
      job,
      instance,
      interval: props.interval ?? '10s',
      timeout: props.timeout,
      targets: props.targets && new Map(props.targets.map((one) => [one.instance, pathOf(path, one)])),
      proxy: deviceOf(this, props.device).httpProxy,
    });
  }
}

function verifyProps(scope: Construct, props: EdgeExporterProps): void {
  verifyOptions(scope, props, EDGE_EXPORTER_OPTIONS);
  verify(scope, { job: [props.job ?? props.name, edgeJob] });
  verifyTimeout(scope, props);
  if (props.targets && props.instance === 'address') {
    throw invalid(scope, 'instance is "address", and each of targets has its own: leave it out');
  }
}

/** An answer that comes after the next question is of no use. */
function verifyTimeout(scope: Construct, { timeout, interval: given, sink }: EdgeExporterProps): void {
  const often = given ?? (sink?.protocol === 'pushgateway' ? '10s' : undefined);
  if (timeout === undefined || often === undefined || seconds(timeout) <= seconds(often)) return;
  throw invalid(scope, `timeout is ${timeout}, and interval ${often}; allowed: a timeout that is no longer`);
}

function exporterContainer(props: EdgeExporterProps, reference: string): ContainerSpec {
  return {
    name: props.containerName ?? 'exporter',
    image: reference,
    command: props.command && [...props.command],
    args: props.args && [...props.args],
    env: props.env && [...props.env],
    ports: [{ name: 'metrics', containerPort: props.port, protocol: 'TCP', ...onNode(props) }],
    resources: props.resources ?? DEFAULT_RESOURCES,
    securityContext: props.securityContext,
    volumeMounts: props.volumeMounts && [...props.volumeMounts],
  };
}

/**
 * How a port is one of the node. On the host's network the API server sets hostPort anyway, and the scheduler
 * keeps it free; elsewhere it brings the port within reach of an agent, and of nobody outside of the node.
 */
function onNode({ hostNetwork, port: number, sink }: EdgeExporterProps): Partial<k8s.ContainerPort> {
  if (hostNetwork) return { hostPort: number };
  return sink.protocol === 'scrape' ? { hostPort: number, hostIp: '127.0.0.1' } : {};
}
