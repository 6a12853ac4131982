import { Construct } from 'constructs';
import {
  DEFAULT_INTERVAL,
  type ExporterSink,
  type NodeAgent,
  type PushgatewaySink,
  type SlowMetrics,
} from '../../contracts/metrics-sink';
import type { RelabelConfig } from '../../contracts/scrape-target';
import { endpointOfGroup } from '../../core/groups';
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
import { type ExporterTarget, targetPath } from './exporter-targets';
import { EDGE_EXPORTER_OPTIONS, type ExporterOptions } from './options';
import { type InstanceLabel, PushSidecar } from './push-sidecar';

/** Options that all edge exporters share. */
export interface EdgeExporterOptions extends EdgePodOptions, Pick<EdgeDaemonSetProps, 'labels'> {
  /**
   * Destination of the metrics. A sidecar pushes them to a Pushgateway, or an `EdgeMetricsAgent` scrapes
   * them; for the latter, an exporter with a pod network listens on the pod's address.
   */
  readonly sink: ExporterSink;
  /**
   * Node group: value of the label `group` of pushed metrics and, where the sink has groups, the user to push
   * as. With an agent, the agent's group applies.
   * @default - none
   */
  readonly group?: string;
  /**
   * Push or scrape interval, from `1s` to `1h`. If it exceeds `silentAfter`, the alert EdgeExporterDown fires
   * between pushes.
   * @default - "10s" for pushes; for scrapes the agent's interval
   */
  readonly interval?: Duration;
  /**
   * Name that all groups share: for folders on nodes, labels of metrics, and objects that are the same for
   * all groups.
   * @default - `name`
   */
  readonly family?: string;
  /** Value of the label `instance`. @default "node" - an address changes and is not unique across sites */
  readonly instance?: InstanceLabel;
  /**
   * Scrape timeout, at most `interval`. Exporters that query devices need longer.
   * @default - 5 seconds for a sidecar, up to 10 for an agent
   */
  readonly timeout?: Duration;
  /** Value of the label `job`. @default - the exporter's name */
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
  /** Command that replaces the image's entry point. @default - the image's entry point */
  readonly command?: readonly string[];
  /** Arguments of the exporter. @default - none */
  readonly args?: readonly string[];
  /** Environment variables of the container. Mount secrets instead of putting them here. @default - none */
  readonly env?: readonly k8s.EnvVar[];
  /** Port of the exporter, on the pod's loopback address; for an agent, on the pod's own address. */
  readonly port: number;
  /** Path of its metrics. @default "/metrics" */
  readonly metricsPath?: string;
  /** @default - requests: 50m CPU, 32Mi memory; limit: 64Mi memory */
  readonly resources?: Resources;
  /** Whether the pod uses the host's network. @default false */
  readonly hostNetwork?: boolean;
  /** Whether the pod uses the host's process namespace. @default false */
  readonly hostPid?: boolean;
  /** ID of the user that the pod runs as. @default - nobody (65534) */
  readonly uid?: number;
  /** Additional volumes of the pod. @default - none */
  readonly volumes?: readonly k8s.Volume[];
  /** Additional volume mounts of the exporter's container. @default - none */
  readonly volumeMounts?: readonly k8s.VolumeMount[];
  /** Security context that overrides the hardened defaults; give the reason in a comment. @default - none */
  readonly securityContext?: k8s.SecurityContext;
  /** Relabeling of each series by an agent; a sidecar pushes all series. @default - none */
  readonly metricRelabeling?: readonly RelabelConfig[];
  /**
   * Metrics that rarely change, which an agent scrapes less often to save uplink traffic. The agent scrapes
   * the exporter (and each of its targets) a second time for them; a sidecar pushes all metrics.
   * @default - none
   */
  readonly slowMetrics?: SlowMetrics;
  /**
   * Targets of a multi-target exporter, which are selected by URL parameters, as with SNMP, Modbus, IPMI or
   * blackbox exporters; the label `instance` is that of the target. A sidecar pushes each target under its
   * own grouping key, one after another.
   * @default - the exporter itself is the only target
   */
  readonly targets?: readonly ExporterTarget[];
}

/**
 * Runs any exporter on every edge node, and delivers its metrics to a sink. Several exporters on a node need
 * different jobs, since a Pushgateway stores one group per job and instance.
 */
export class EdgeExporter extends Construct {
  /** The DaemonSet with the exporter and its sidecar. */
  readonly daemonSet: EdgeDaemonSet;

  /**
   * @throws InvalidOptionError when an option is invalid, or another exporter on the same nodes uses the same
   * host port or job.
   */
  constructor(scope: Construct, id: string, props: EdgeExporterProps) {
    super(scope, id);
    const options = optionsOf(this, props, EDGE_EXPORTER_OPTIONS);
    verifyExporterRelations(this, options);
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

  /**
   * Connects the exporter to its sink: returns a sidecar for a Pushgateway, or adds a scrape target to an
   * agent.
   */
  private connect(options: ExporterOptions): PushSidecar | undefined {
    const { sink } = options;
    if (sink.protocol === 'pushgateway') return this.makeSidecar(options, sink);
    this.registerWithAgent(options, sink);
    return undefined;
  }

  private registerWithAgent(options: ExporterOptions, agent: NodeAgent): void {
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
    claimOnNodes(this, `job ${JSON.stringify(job)}`, options, 'change one job or nodeSelector');
    return new PushSidecar(this, 'Push', {
      exporter: options.family,
      namespace,
      endpoint: endpointOfGroup(this, sink.endpoint, options.group),
      group: options.group,
      port: options.port,
      metricsPath: path,
      job,
      instance,
      interval: options.interval ?? DEFAULT_INTERVAL,
      timeout: options.timeout,
      targets:
        options.targets && new Map(options.targets.map((one) => [one.instance, targetPath(path, one)])),
      proxy: deviceOf(this, options.device).httpProxy,
    });
  }
}

function verifyExporterRelations(scope: Construct, options: ExporterOptions): void {
  verify(scope, { job: [options.job, edgeJob] });
  verifyTimeout(scope, options);
  if (options.targets && options.instance === 'address') {
    throw invalid(scope, 'instance is "address", but targets have their own: remove it');
  }
}

/** Refuses a timeout above the interval, since scrapes would overlap. */
function verifyTimeout(scope: Construct, { timeout, interval: given, sink }: ExporterOptions): void {
  const often = given ?? (sink.protocol === 'pushgateway' ? DEFAULT_INTERVAL : undefined);
  if (timeout === undefined || often === undefined || seconds(timeout) <= seconds(often)) return;
  throw invalid(scope, `timeout is ${timeout}, and interval ${often}; allowed: at most the interval`);
}

function exporterContainer(options: ExporterOptions, reference: string): ContainerSpec {
  return {
    name: options.containerName,
    image: reference,
    command: options.command && [...options.command],
    args: options.args && [...options.args],
    env: options.env && [...options.env],
    ports: [{ name: 'metrics', containerPort: options.port, protocol: 'TCP', ...hostPortOptions(options) }],
    resources: options.resources,
    securityContext: options.securityContext,
    volumeMounts: options.volumeMounts && [...options.volumeMounts],
  };
}

/**
 * Returns how the port is bound on the node. On the host's network the API server sets hostPort anyway, and
 * the scheduler reserves it; on a pod network, binding it to the loopback address makes it reachable for an
 * agent, but not from outside of the node.
 */
function hostPortOptions({ hostNetwork, port: number, sink }: ExporterOptions): Partial<k8s.ContainerPort> {
  if (hostNetwork) return { hostPort: number };
  return sink.protocol === 'scrape' ? { hostPort: number, hostIp: '127.0.0.1' } : {};
}
