import { Construct } from 'constructs';
import {
  DEFAULT_INTERVAL,
  type ExporterSink,
  type NodeAgent,
  type PushgatewaySink,
  type SlowMetrics,
} from '../../contracts/metrics-sink';
import type { RelabelConfig } from '../../contracts/scrape-target';
import { endpointOf } from '../../core/groups';
import { type ImageName, imageVersion } from '../../core/images';
import type { k8s } from '../../core/k8s';
import { optionsOf } from '../../core/option-table';
import { Platform } from '../../core/platform';
import type { ContainerSpec, Resources } from '../../core/pods';
import { edgeJob } from '../../core/reserved-names';
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
import { EDGE_EXPORTER_OPTIONS, type ExporterOptions } from './options';
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
   * @default - "10s" where they are pushed; an agent reads them as often as it reads others
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

/** Properties for `EdgeExporter`. */
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
   * Metrics that change seldom, which an agent scrapes less often to save bytes on the uplink. It scrapes the exporter, and
   * each of its targets, a second time for them; a sidecar pushes all metrics.
   * @default - none
   */
  readonly slowMetrics?: SlowMetrics;
  /**
   * Targets of an exporter that is asked for each of them by parameters, such as those of SNMP, Modbus, IPMI or blackbox
   * probes; `instance` is then the target's. A sidecar pushes each under a grouping key of its own, one after another.
   * @default - the exporter itself is the only one
   */
  readonly targets?: readonly ExporterTarget[];
}

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
    const options = optionsOf(this, props, EDGE_EXPORTER_OPTIONS);
    verifyRelations(this, options);
    const reference = Platform.of(this).image(options.image);
    const sidecar = this.connect(options);
    this.daemonSet = new EdgeDaemonSet(this, 'Default', {
      ...podOptions(options),
      ...{ name: options.name, labels: options.labels, uid: options.uid },
      ...{ hostNetwork: options.hostNetwork, hostPid: options.hostPid },
      version: imageVersion(reference),
      containers: [exporterContainer(options, reference), ...(sidecar ? [sidecar.container] : [])],
      initContainers: sidecar?.initContainers,
      volumes: [...options.volumes, ...(sidecar?.volumes ?? [])],
      podAnnotations: sidecar?.podAnnotations,
    });
  }

  /** The sink decides: a sidecar that pushes, or an agent that reads. */
  private connect(options: ExporterOptions): PushSidecar | undefined {
    const { sink } = options;
    if (sink.protocol === 'pushgateway') return this.makeSidecar(options, sink);
    this.hand(options, sink);
    return undefined;
  }

  private hand(options: ExporterOptions, agent: NodeAgent): void {
    const { job, instance, timeout, targets } = options;
    agent.scrape({
      job,
      port: options.port,
      metricsPath: options.metricsPath,
      instance,
      interval: options.interval,
      timeout,
      targets,
      metricRelabeling: options.metricRelabeling,
      slowMetrics: options.slowMetrics,
    });
  }

  private makeSidecar(options: ExporterOptions, sink: PushgatewaySink): PushSidecar {
    const { namespace, job, instance, metricsPath: path } = options;
    claimOnNodes(this, `job ${JSON.stringify(job)}`, options, 'give one another job or another nodeSelector');
    return new PushSidecar(this, 'Push', {
      exporter: options.family,
      namespace,
      endpoint: endpointOf(this, sink.endpoint, options.group),
      group: options.group,
      port: options.port,
      metricsPath: path,
      job,
      instance,
      interval: options.interval ?? DEFAULT_INTERVAL,
      timeout: options.timeout,
      targets: options.targets && new Map(options.targets.map((one) => [one.instance, pathOf(path, one)])),
      proxy: deviceOf(this, options.device).httpProxy,
    });
  }
}

function verifyRelations(scope: Construct, options: ExporterOptions): void {
  verify(scope, { job: [options.job, edgeJob] });
  verifyTimeout(scope, options);
  if (options.targets && options.instance === 'address') {
    throw invalid(scope, 'instance is "address", and each of targets has its own: leave it out');
  }
}

/** An answer that comes after the next question is of no use. */
function verifyTimeout(scope: Construct, { timeout, interval: given, sink }: ExporterOptions): void {
  const often = given ?? (sink.protocol === 'pushgateway' ? DEFAULT_INTERVAL : undefined);
  if (timeout === undefined || often === undefined || seconds(timeout) <= seconds(often)) return;
  throw invalid(scope, `timeout is ${timeout}, and interval ${often}; allowed: a timeout that is no longer`);
}

function exporterContainer(options: ExporterOptions, reference: string): ContainerSpec {
  return {
    name: options.containerName,
    image: reference,
    command: options.command && [...options.command],
    args: options.args && [...options.args],
    env: options.env && [...options.env],
    ports: [{ name: 'metrics', containerPort: options.port, protocol: 'TCP', ...onNode(options) }],
    resources: options.resources,
    securityContext: options.securityContext,
    volumeMounts: options.volumeMounts && [...options.volumeMounts],
  };
}

/**
 * How a port is one of the node. On the host's network the API server sets hostPort anyway, and the scheduler
 * keeps it free; elsewhere it brings the port within reach of an agent, and of nobody outside of the node.
 */
function onNode({ hostNetwork, port: number, sink }: ExporterOptions): Partial<k8s.ContainerPort> {
  if (hostNetwork) return { hostPort: number };
  return sink.protocol === 'scrape' ? { hostPort: number, hostIp: '127.0.0.1' } : {};
}
