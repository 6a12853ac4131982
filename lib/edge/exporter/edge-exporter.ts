import { Construct } from 'constructs';
import {
  DEFAULT_INTERVAL,
  type ExporterSink,
  type NodeAgent,
  type PushgatewaySink,
  type SlowMetrics,
} from '../../contracts/metrics-sink';
import type { RelabelConfig } from '../../contracts/scrape-target';
import { clientEndpointOfGroup } from '../../core/groups';
import { type ImageName, imageVersionLabelValue } from '../../core/images';
import type { k8s } from '../../core/k8s';
import { validateAndApplyDefaults } from '../../core/option-table';
import { Platform } from '../../core/platform';
import type { ContainerSpec, Resources } from '../../core/pods';
import { edgeJob } from '../../core/reserved-names';
import { type Duration, toSeconds } from '../../core/units';
import { optionError, validateOptions } from '../../core/validation';
import {
  claimNodeResource,
  EdgeDaemonSet,
  type EdgeDaemonSetProps,
  type EdgePodOptions,
  pickPodOptions,
  resolveDeviceProperties,
} from '../daemon-set';
import { type ExporterTarget, scrapePathOfTarget } from './exporter-targets';
import { EDGE_EXPORTER_OPTIONS, type ExporterOptions } from './options';
import { type InstanceLabel, PushSidecar } from './push-sidecar';

/** Options that all edge exporters share. */
export interface EdgeExporterOptions extends EdgePodOptions, Pick<EdgeDaemonSetProps, 'labels'> {
  /**
   * Destination of the metrics. For a Pushgateway, a sidecar pushes the metrics. An `EdgeMetricsAgent` scrapes the
   * exporter. With an agent, an exporter that does not use the host's network must listen on the pod's address.
   */
  readonly sink: ExporterSink;
  /**
   * Node group: the value of the label `group` of pushed metrics. If the sink has credentials for each group, the
   * sidecar authenticates with the credentials of this group. With an agent, the agent's group applies instead.
   * @default - no group
   */
  readonly group?: string;
  /**
   * Push or scrape interval, from `1s` to `1h`. If the push interval exceeds the threshold `silentAfter`, the alert
   * EdgeExporterDown fires between two pushes.
   * @default - "10s" for pushes; the agent's scrape interval for scrapes
   */
  readonly interval?: Duration;
  /**
   * Name of the exporter without its group. Folders on nodes, labels of metrics, and the objects that all groups share,
   * contain this name.
   * @default - `name`
   */
  readonly family?: string;
  /** Label `instance`: the node's name (`node`), or the node's IP address and the port (`address`). @default "node" */
  readonly instance?: InstanceLabel;
  /**
   * Scrape timeout, at most `interval`. Increase it for exporters that query other devices during a scrape.
   * @default - for a sidecar, "5s"; for an agent, "10s" or the agent's scrape interval, whichever is shorter
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
  /** Arguments of the exporter. @default - no arguments */
  readonly args?: readonly string[];
  /** Environment variables of the container. For secret values, mount a Secret instead. @default - no variables */
  readonly env?: readonly k8s.EnvVar[];
  /**
   * Port on which the exporter serves its metrics. With a sidecar, or on the host's network, the exporter can listen on
   * the loopback address only. With an agent and the pod network, the exporter must listen on the pod's address.
   */
  readonly port: number;
  /** URL path of the exporter's metrics. @default "/metrics" */
  readonly metricsPath?: string;
  /** Resources of the exporter's container. @default - requests: 50m CPU, 32Mi memory; limit: 64Mi memory */
  readonly resources?: Resources;
  /** Whether the pod uses the host's network. @default false */
  readonly hostNetwork?: boolean;
  /** Whether the pod uses the host's process namespace. @default false */
  readonly hostPid?: boolean;
  /** ID of the user that the pod runs as. @default - nobody (65534) */
  readonly uid?: number;
  /** Additional volumes of the pod. @default - no additional volumes */
  readonly volumes?: readonly k8s.Volume[];
  /** Additional volume mounts of the exporter's container. @default - no additional mounts */
  readonly volumeMounts?: readonly k8s.VolumeMount[];
  /**
   * Fields of the container's security context that override the hardened defaults. Explain each override in a comment
   * in your code.
   * @default - the hardened defaults
   */
  readonly securityContext?: k8s.SecurityContext;
  /**
   * Relabeling that an agent applies to each series of the exporter. A sidecar ignores this option and pushes all
   * series.
   * @default - no relabeling
   */
  readonly metricRelabeling?: readonly RelabelConfig[];
  /**
   * Metrics that rarely change. An agent scrapes them less often, in a second scrape job, to save uplink traffic. A
   * sidecar ignores this option and pushes all metrics.
   * @default - all metrics are scraped at `interval`
   */
  readonly slowMetrics?: SlowMetrics;
  /**
   * Targets of a multi-target exporter, such as an SNMP, Modbus, IPMI or blackbox exporter. URL parameters select a
   * target. Each target sets the label `instance` of its series. A sidecar pushes the targets one after another, each
   * under its own grouping key.
   * @default - the exporter itself is the only target
   */
  readonly targets?: readonly ExporterTarget[];
}

/**
 * Runs any exporter on every edge node and delivers the exporter's metrics to a sink. Exporters on the same node must
 * have different values of `job`, because a Pushgateway stores one group of metrics per job and instance.
 */
export class EdgeExporter extends Construct {
  /** The DaemonSet whose pods run the exporter and, for a Pushgateway, the sidecar that pushes. */
  readonly daemonSet: EdgeDaemonSet;

  /**
   * @throws InvalidOptionError when an option is invalid, or when another exporter uses the same host port or job on
   * the same nodes.
   */
  constructor(scope: Construct, id: string, props: EdgeExporterProps) {
    super(scope, id);
    const options = validateAndApplyDefaults(this, props, EDGE_EXPORTER_OPTIONS);
    validateExporterOptions(this, options);
    const reference = Platform.of(this).image(options.image);
    const sidecar = this.createPushSidecarOrRegisterWithAgent(options);
    this.daemonSet = new EdgeDaemonSet(this, 'Default', {
      ...pickPodOptions(options),
      ...{ name: options.name, labels: options.labels, uid: options.uid },
      ...{ hostNetwork: options.hostNetwork, hostPid: options.hostPid },
      version: imageVersionLabelValue(reference),
      containers: [exporterContainer(options, reference), ...(sidecar ? [sidecar.container] : [])],
      initContainers: sidecar?.initContainers,
      volumes: [...options.volumes, ...(sidecar?.volumes ?? [])],
      podAnnotations: sidecar?.podAnnotations,
    });
  }

  /** Returns the sidecar for a Pushgateway. For an agent, adds a scrape target to the agent and returns `undefined`. */
  private createPushSidecarOrRegisterWithAgent(options: ExporterOptions): PushSidecar | undefined {
    const { sink } = options;
    if (sink.protocol === 'pushgateway') return this.claimJobAndCreatePushSidecar(options, sink);
    this.registerScrapeTargetWithAgent(options, sink);
    return undefined;
  }

  private registerScrapeTargetWithAgent(options: ExporterOptions, agent: NodeAgent): void {
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

  private claimJobAndCreatePushSidecar(options: ExporterOptions, sink: PushgatewaySink): PushSidecar {
    const { namespace, job, instance, metricsPath: path, targets } = options;
    claimNodeResource(
      this,
      `job ${JSON.stringify(job)}`,
      options,
      'change the job or the nodeSelector of one of the two exporters',
    );
    return new PushSidecar(this, 'Push', {
      exporter: options.family,
      namespace,
      endpoint: clientEndpointOfGroup(this, sink.endpoint, options.group),
      group: options.group,
      port: options.port,
      metricsPath: path,
      job,
      instance,
      interval: options.interval ?? DEFAULT_INTERVAL,
      timeout: options.timeout,
      targets: targets && new Map(targets.map((one) => [one.instance, scrapePathOfTarget(path, one)])),
      proxy: resolveDeviceProperties(this, options.device).httpProxy,
    });
  }
}

function validateExporterOptions(scope: Construct, options: ExporterOptions): void {
  validateOptions(scope, { job: [options.job, edgeJob] });
  validateScrapeTimeout(scope, options);
  if (options.targets && options.instance === 'address') {
    throw optionError(
      scope,
      'the option "instance" is "address", but each target has its own label instance: remove the option "instance"',
    );
  }
}

/** Throws if the scrape timeout is longer than the interval of the exporter, because scrapes would overlap. */
function validateScrapeTimeout(scope: Construct, { timeout, interval: given, sink }: ExporterOptions): void {
  const often = given ?? (sink.protocol === 'pushgateway' ? DEFAULT_INTERVAL : undefined);
  if (timeout === undefined || often === undefined || toSeconds(timeout) <= toSeconds(often)) return;
  throw optionError(
    scope,
    `the option "timeout" is ${timeout}; allowed: at most ${often}, the interval of the exporter`,
  );
}

function exporterContainer(options: ExporterOptions, reference: string): ContainerSpec {
  return {
    name: options.containerName,
    image: reference,
    command: options.command && [...options.command],
    args: options.args && [...options.args],
    env: options.env && [...options.env],
    ports: [{ name: 'metrics', containerPort: options.port, protocol: 'TCP', ...hostPortFields(options) }],
    resources: options.resources,
    securityContext: options.securityContext,
    volumeMounts: options.volumeMounts && [...options.volumeMounts],
  };
}

/**
 * Returns `hostPort` and `hostIp` of the exporter's port:
 * - on the host's network: only `hostPort`, with the value that the API server would set as the default
 * - on the pod network with an agent: a host port on the loopback address, at which the agent reaches the exporter
 * - on the pod network with a sidecar: an empty object, because a sidecar needs no host port
 */
function hostPortFields({ hostNetwork, port: number, sink }: ExporterOptions): Partial<k8s.ContainerPort> {
  if (hostNetwork) return { hostPort: number };
  return sink.protocol === 'scrape' ? { hostPort: number, hostIp: '127.0.0.1' } : {};
}
