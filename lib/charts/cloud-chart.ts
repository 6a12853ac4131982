import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { certManagerMetrics } from '../access/certificate-metrics';
import { ingressNginx } from '../access/ingress-nginx';
import { Alertmanager } from '../cloud/alertmanager';
import { Grafana } from '../cloud/grafana';
import type { LokiStack } from '../cloud/loki';
import { METRICS_GATEWAY, MetricsGateway } from '../cloud/metrics-gateway';
import {
  EXPORTERS_PUSHGATEWAY,
  Pushgateway,
  SERVICES_PUSHGATEWAY,
  type SharedPushgateway,
} from '../cloud/pushgateway';
import type { AlertSink, InhibitingAlertSink } from '../contracts/alert-sink';
import type { DashboardServer } from '../contracts/dashboards';
import type { DataSource } from '../contracts/data-source';
import { DEFAULT_TRANSPORT, type PushgatewaySink, type Transport } from '../contracts/metrics-sink';
import type { MetricsStore } from '../contracts/metrics-store';
import type { NodeAdmission } from '../contracts/node-admission';
import type { ScrapeTarget } from '../contracts/scrape-target';
import { omitUndefined } from '../core/defined';
import { type OptionTable, optionsOf } from '../core/option-table';
import { PodNamespace } from '../core/pod-namespace';
import { runningShardIndexes, shardName } from '../core/shards';
import type { RuledNodes } from '../edge/ruled-nodes';
import type { Fleet } from '../fleet/fleet';
import { settingsOption } from './check-settings';
import { CloudEnvironment } from './cloud-environment';
import type { Sizes } from './components';
import { environmentDashboards } from './environment-dashboards';
import { definePlatform } from './environment-platform';
import { type EnvironmentRules, environmentRules, type RuledEnvironment } from './environment-rules';
import { computePlan } from './plan';
import { servedGroups } from './served-groups';
import type { Settings } from './settings';
import { fleetOf, sizesOf, verifyOutage } from './sizes';
import { hasServicesPushgateway, transportsOf } from './transports';

/** Properties for `CloudChart`. */
export interface CloudChartProps {
  readonly settings: Settings;
}

/** The options of `CloudChart`. */
export const CLOUD_CHART_OPTIONS = { settings: settingsOption } satisfies OptionTable<CloudChartProps>;

/**
 * The cloud side of an environment: Prometheus, Loki, Grafana, Alertmanager and the endpoints that edge nodes
 * send to.
 */
export class CloudChart extends Chart {
  /** Sink for the metrics of nodes without a group, for the transport in `edge`. */
  readonly metrics: Pushgateway | MetricsGateway;
  /**
   * Sinks for each transport in the settings, starting with that of nodes without a group: pass them to
   * `metrics` of an EdgeChart.
   */
  readonly sinks: readonly (Pushgateway | MetricsGateway)[];
  /**
   * Sink for business services that push by themselves: a Pushgateway, or the gateway if all nodes use remote
   * write and the settings request no Pushgateway.
   */
  readonly services: PushgatewaySink;
  /** Sink for the logs of edge nodes. */
  readonly logs: LokiStack;
  /** The fleet in the settings, for which the environment is sized; undefined without `edge.fleet`. */
  readonly fleet?: Fleet;
  /** The store that scrapes and keeps all metrics; add your own targets and rules to it. */
  readonly metricsStore: MetricsStore;
  /** The Grafana, also that of a Prometheus Operator; add your own data sources and dashboards to it. */
  readonly grafana: DashboardServer;
  /** The Alertmanager, also that of a Prometheus Operator; add the inhibitions of your own rules to it. */
  readonly alertmanager: InhibitingAlertSink;
  /** The admission of nodes, for an ingress of your own; undefined if nodes have no certificates. */
  readonly nodeAdmission?: NodeAdmission;

  /** @throws InvalidOptionError when a setting is invalid. */
  constructor(scope: Construct, id: string, props: CloudChartProps) {
    super(scope, id);
    const { settings } = optionsOf(this, props, CLOUD_CHART_OPTIONS);
    const { namespaces } = definePlatform(this, settings);
    new PodNamespace(this, 'namespace', { name: namespaces.cloud, podSecurity: 'restricted' });
    new PodNamespace(this, 'nodes-namespace', { name: namespaces.nodes, podSecurity: 'privileged' });

    verifyOutage(this.node.path, settings, transportsOf(settings).includes('remote-write'));
    this.fleet = fleetOf(this.node.path, settings);
    const sizes = sizesOf(this, this.fleet, settings);
    const environment = new CloudEnvironment(this, settings, sizes);
    const made = environment.makeComponents();
    this.metricsStore = environment.metricsStore;
    this.logs = environment.loki;
    this.grafana = this.metricsStore.grafana ?? environment.requirePartOfType(Grafana);
    this.alertmanager = this.metricsStore.alertmanager ?? environment.requirePartOfType(Alertmanager);
    this.nodeAdmission = environment.nodeAdmission;
    const pushed = made.filter(isPushReceiver);
    this.sinks = environment.transports.map((transport) => sinkOfTransport(pushed, transport));
    this.metrics = this.sinks[0] as CloudChart['metrics'];
    const services = pushed.filter((sink) => !this.sinks.includes(sink));
    this.services = services.find((sink) => sink.protocol === 'pushgateway') ?? pushgatewaySinkOf(this.sinks);

    const certificates = certificateTargets(settings);
    // This order of scrape jobs is stable.
    const first: readonly ScrapeTarget[] = [environment.metricsStore, ...this.sinks, ...services];
    const parts = [...first, ...made.filter((part) => !first.includes(part)), ...certificates];
    this.connect(parts);
    const known = ruledEnvironment(settings, sizes, parts, certificates.length > 0);
    this.addRules(
      environmentRules({
        ...known,
        edgeNamespace: namespaces.edge,
        ingressNamespaces: [namespaces.cloud, ...controllerNamespaces(settings)],
      }),
    );
    const plan = this.fleet && computePlan(this.fleet);
    for (const source of environmentDashboards(plan, known.logAgents, settings.metricsStore)) {
      this.grafana.addDashboards(source);
    }
  }

  /**
   * Connects each component: scrape targets to Prometheus, data sources to Grafana, Alertmanager to the
   * rules.
   */
  private connect(parts: readonly (ScrapeTarget & Partial<DataSource & AlertSink>)[]): void {
    for (const part of parts) {
      if (part !== (this.metricsStore as object)) this.metricsStore.addTarget(part);
      if (isDataSource(part)) this.grafana.addDataSource(part);
      if (isAlertSink(part)) this.metricsStore.addAlertSink(part);
    }
    this.logs.addAlertSink(this.alertmanager);
  }

  private addRules({ prometheus, loki }: EnvironmentRules): void {
    for (const source of prometheus) this.metricsStore.addRules(source);
    for (const source of loki) this.logs.addRules(source);
    for (const source of [...prometheus, ...loki]) this.alertmanager.addInhibitions(source);
  }
}

const isDataSource = (part: Partial<DataSource>): part is DataSource => part.dataSource !== undefined;
const isAlertSink = (part: Partial<AlertSink>): part is AlertSink => part.alertServer !== undefined;

type PushedTo = Pushgateway | MetricsGateway;

const isPushReceiver = (part: ScrapeTarget): part is PushedTo =>
  part instanceof Pushgateway || part instanceof MetricsGateway;

/**
 * Returns the exporters' sink for a transport: the first one, since those for business services come after
 * it.
 */
const sinkOfTransport = (pushed: readonly PushedTo[], transport: Transport): PushedTo =>
  pushed.find(({ protocol }) => protocol === transport) as PushedTo;

/** Returns the gateway as a sink for business services. */
function pushgatewaySinkOf(sinks: readonly PushedTo[]): PushgatewaySink {
  const [pushes] = sinks.flatMap((sink) => ('pushes' in sink && sink.pushes ? [sink.pushes] : []));
  return pushes as PushgatewaySink;
}

/** Returns the scrape jobs of a Pushgateway, one for each shard. */
const pushgatewayJobs = (name: string, shared: SharedPushgateway = {}): string[] =>
  runningShardIndexes(shared).map((shard) => shardName(name, shard));

/** Returns what rules need to know of the environment. */
function ruledEnvironment(
  settings: Settings,
  sizes: Sizes,
  targets: readonly ScrapeTarget[],
  certificates: boolean,
): Omit<RuledEnvironment, 'edgeNamespace' | 'ingressNamespaces'> {
  const transports = transportsOf(settings);
  const { exporters, services } = settings.pushgateways ?? {};
  return {
    thresholds: settings.alerts?.thresholds,
    ...(transports.includes('remote-write') && { gateway: METRICS_GATEWAY }),
    ...(transports.includes('pushgateway') && {
      exporters: pushgatewayJobs(EXPORTERS_PUSHGATEWAY, {
        ...sizes.pushgateway,
        ...omitUndefined(exporters),
      }),
    }),
    services: hasServicesPushgateway(settings) ? pushgatewayJobs(SERVICES_PUSHGATEWAY, services) : [],
    nodes: ruledNodesOf(settings),
    membership: settings.edge?.membership,
    logAgents: servedGroups(settings.edge).flatMap(({ logs }) => logs?.agent ?? []),
    certificates,
    targets,
  };
}

/** Returns the namespaces of the ingress controller's pods, whose access logs contain refused requests. */
function controllerNamespaces({ ingress: { controller = ingressNginx() } = {} }: Settings): string[] {
  return controller.clients.flatMap((client) => ('namespace' in client ? [client.namespace] : []));
}

/** Returns the scrape targets for certificates; with an issuer, cert-manager is one. */
function certificateTargets({
  ingress: { tls, certificateMetrics } = {},
}: Settings): readonly ScrapeTarget[] {
  return certificateMetrics ?? (tls ? [certManagerMetrics()] : []);
}

/** Returns the groups of edge nodes for rules. */
const ruledNodesOf = ({ edge, pushgateways }: Settings): RuledNodes[] =>
  servedGroups(edge).map(
    ({ group, nodeSelector, transport = DEFAULT_TRANSPORT, interval, agent, fleet, device }) => ({
      group,
      nodeSelector,
      transport,
      interval,
      uplinkBudget: fleet?.uplinkBudget,
      readOnlyMounts: device?.readOnlyMounts,
      scrapeInterval: pushgateways?.exporters?.scrapeInterval,
      batchWait: agent?.sending?.batchWait,
    }),
  );
