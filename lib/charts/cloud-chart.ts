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
import type { NodeAdmissionServer } from '../contracts/node-admission';
import type { ScrapeTarget } from '../contracts/scrape-target';
import { omitUndefined } from '../core/defined';
import { type OptionTable, validateAndApplyDefaults } from '../core/option-table';
import { PodNamespace } from '../core/pod-namespace';
import { objectNameOfShard, runningShardIndexes } from '../core/shards';
import type { RuledNodes } from '../edge/ruled-nodes';
import type { Fleet } from '../fleet/fleet';
import { settingsOption } from './check-settings';
import { CloudEnvironment } from './cloud-environment';
import type { Sizes } from './components';
import { environmentDashboards } from './environment-dashboards';
import { validateSettingsAndDefinePlatform } from './environment-platform';
import { type EnvironmentRules, type EnvironmentRulesProps, environmentRules } from './environment-rules';
import { nodeGroupsWithInheritedSettings } from './node-groups';
import { computePlanOfValidFleet } from './plan';
import type { Settings } from './settings';
import { computeComponentSizes, fleetFromSettings, validateLongestOutage } from './sizes';
import { hasPushgatewayForServices, transportsInUse } from './transports';

/** Properties for `CloudChart`. */
export interface CloudChartProps {
  /** Settings of the environment. */
  readonly settings: Settings;
}

/** Validation rules of the options of `CloudChart`. */
export const CLOUD_CHART_OPTIONS = { settings: settingsOption } satisfies OptionTable<CloudChartProps>;

/**
 * Chart for the cloud side of an environment: the metrics store, Loki, Grafana, Alertmanager, and the endpoints
 * that edge nodes push to.
 */
export class CloudChart extends Chart {
  /**
   * Sink for the metrics of nodes that belong to no group: a Pushgateway or, if `edge.transport` is "remote-write",
   * the metrics gateway.
   */
  readonly metrics: Pushgateway | MetricsGateway;
  /**
   * Sinks for metrics, one for each transport in the settings. The first sink is for the transport of nodes without
   * a group. Each node group uses the sink of its transport. Pass the list to `metrics` of an `EdgeChart`.
   */
  readonly sinks: readonly (Pushgateway | MetricsGateway)[];
  /**
   * Sink for business services that push their own metrics: a Pushgateway, or the metrics gateway. The metrics
   * gateway is used if all nodes use remote write and `pushgateways.services` is not set.
   */
  readonly services: PushgatewaySink;
  /** Sink for the logs of edge nodes. */
  readonly logs: LokiStack;
  /**
   * The fleet in the settings, which determines the sizes of the components. `undefined` if neither `edge` nor a
   * node group sets `fleet`.
   */
  readonly fleet?: Fleet;
  /** The metrics store, which scrapes and stores all metrics. Accepts your own targets and rules. */
  readonly metricsStore: MetricsStore;
  /** The Grafana of this stack or of a Prometheus Operator. Accepts your own data sources and dashboards. */
  readonly grafana: DashboardServer;
  /** The Alertmanager of this stack or of a Prometheus Operator. Accepts inhibition rules of your own alerts. */
  readonly alertmanager: InhibitingAlertSink;
  /**
   * The admission program for nodes. Pass it to your own `BasicAuthIngress`. `undefined` if nodes do not use client
   * certificates.
   */
  readonly nodeAdmission?: NodeAdmissionServer;

  /** @throws InvalidOptionError when a setting is invalid. */
  constructor(scope: Construct, id: string, props: CloudChartProps) {
    super(scope, id);
    const { settings } = validateAndApplyDefaults(this, props, CLOUD_CHART_OPTIONS);
    const { namespaces } = validateSettingsAndDefinePlatform(this, settings);
    new PodNamespace(this, 'namespace', { name: namespaces.cloud, podSecurity: 'restricted' });
    new PodNamespace(this, 'nodes-namespace', { name: namespaces.nodes, podSecurity: 'privileged' });

    validateLongestOutage(this.node.path, settings, transportsInUse(settings).includes('remote-write'));
    this.fleet = fleetFromSettings(this.node.path, settings);
    const sizes = computeComponentSizes(this, this.fleet, settings);
    const environment = new CloudEnvironment(this, settings, sizes);
    const made = environment.createComponents();
    this.metricsStore = environment.metricsStore;
    this.logs = environment.loki;
    this.grafana = this.metricsStore.grafana ?? environment.requireConstructOfType(Grafana);
    this.alertmanager = this.metricsStore.alertmanager ?? environment.requireConstructOfType(Alertmanager);
    this.nodeAdmission = environment.nodeAdmission;
    const pushed = made.filter(isPushReceiver);
    this.sinks = environment.transports.map((transport) => findSinkByTransport(pushed, transport));
    this.metrics = this.sinks[0] as CloudChart['metrics'];
    const services = pushed.filter((sink) => !this.sinks.includes(sink));
    this.services =
      services.find((sink) => sink.protocol === 'pushgateway') ?? pushgatewaySinkOfMetricsGateway(this.sinks);

    const certificates = scrapeTargetsForCertificateMetrics(settings);
    // The order of scrape jobs must not change, because each change of the configuration restarts the metrics store.
    const first: readonly ScrapeTarget[] = [environment.metricsStore, ...this.sinks, ...services];
    const parts = [...first, ...made.filter((part) => !first.includes(part)), ...certificates];
    this.registerTargetsDataSourcesAndAlertSinks(parts);
    const known = propsForEnvironmentRules(settings, sizes, parts, certificates.length > 0);
    this.addRulesToStoresAndAlertmanager(
      environmentRules({
        ...known,
        edgeNamespace: namespaces.edge,
        ingressNamespaces: [namespaces.cloud, ...ingressControllerNamespaces(settings)],
      }),
    );
    const plan = this.fleet && computePlanOfValidFleet(this.fleet);
    for (const source of environmentDashboards(plan, known.logAgents, settings.metricsStore)) {
      this.grafana.addDashboards(source);
    }
  }

  /**
   * Adds the scrape targets to the metrics store, the data sources to Grafana, and Alertmanager to the servers
   * that evaluate rules.
   */
  private registerTargetsDataSourcesAndAlertSinks(
    parts: readonly (ScrapeTarget & Partial<DataSource & AlertSink>)[],
  ): void {
    for (const part of parts) {
      if (part !== (this.metricsStore as object)) this.metricsStore.addTarget(part);
      if (isDataSource(part)) this.grafana.addDataSource(part);
      if (isAlertSink(part)) this.metricsStore.addAlertSink(part);
    }
    this.logs.addAlertSink(this.alertmanager);
  }

  private addRulesToStoresAndAlertmanager({ prometheus, loki }: EnvironmentRules): void {
    for (const source of prometheus) this.metricsStore.addRules(source);
    for (const source of loki) this.logs.addRules(source);
    for (const source of [...prometheus, ...loki]) this.alertmanager.addInhibitions(source);
  }
}

const isDataSource = (part: Partial<DataSource>): part is DataSource => part.dataSource !== undefined;
const isAlertSink = (part: Partial<AlertSink>): part is AlertSink => part.alertServer !== undefined;

type PushReceiver = Pushgateway | MetricsGateway;

const isPushReceiver = (part: ScrapeTarget): part is PushReceiver =>
  part instanceof Pushgateway || part instanceof MetricsGateway;

/**
 * Returns the first sink with the given transport. The list `pushed` contains the sinks for exporters before the sinks
 * for business services, so sinks for exporters take precedence.
 */
const findSinkByTransport = (pushed: readonly PushReceiver[], transport: Transport): PushReceiver =>
  pushed.find(({ protocol }) => protocol === transport) as PushReceiver;

/**
 * Returns the metrics gateway as a Pushgateway sink for business services. One of the sinks must be a metrics
 * gateway.
 */
function pushgatewaySinkOfMetricsGateway(sinks: readonly PushReceiver[]): PushgatewaySink {
  const [pushes] = sinks.flatMap((sink) => ('pushes' in sink && sink.pushes ? [sink.pushes] : []));
  return pushes as PushgatewaySink;
}

/** Returns the names of the scrape jobs of a Pushgateway, one for each shard. */
const pushgatewayScrapeJobNames = (name: string, shared: SharedPushgateway = {}): string[] =>
  runningShardIndexes(shared).map((shard) => objectNameOfShard(name, shard));

/** Returns the properties for `environmentRules()`, except for the namespaces. */
function propsForEnvironmentRules(
  settings: Settings,
  sizes: Sizes,
  targets: readonly ScrapeTarget[],
  certificates: boolean,
): Omit<EnvironmentRulesProps, 'edgeNamespace' | 'ingressNamespaces'> {
  const transports = transportsInUse(settings);
  const { exporters, services } = settings.pushgateways ?? {};
  return {
    thresholds: settings.alerts?.thresholds,
    ...(transports.includes('remote-write') && { gateway: METRICS_GATEWAY }),
    ...(transports.includes('pushgateway') && {
      exporters: pushgatewayScrapeJobNames(EXPORTERS_PUSHGATEWAY, {
        ...sizes.pushgateway,
        ...omitUndefined(exporters),
      }),
    }),
    services: hasPushgatewayForServices(settings)
      ? pushgatewayScrapeJobNames(SERVICES_PUSHGATEWAY, services)
      : [],
    nodes: nodeGroupSettingsForAlertRules(settings),
    membership: settings.edge?.membership,
    logAgents: nodeGroupsWithInheritedSettings(settings.edge).flatMap(({ logs }) => logs?.agent ?? []),
    certificates,
    targets,
  };
}

/** Returns the namespaces of the ingress controller's pods. The access logs of these pods contain refused requests. */
function ingressControllerNamespaces({ ingress: { controller = ingressNginx() } = {} }: Settings): string[] {
  return controller.clients.flatMap((client) => ('namespace' in client ? [client.namespace] : []));
}

/**
 * Returns the scrape targets with metrics about certificates: the targets in the settings or, if there are none,
 * cert-manager. Returns an empty list if the settings contain neither targets nor `tls`.
 */
function scrapeTargetsForCertificateMetrics({
  ingress: { tls, certificateMetrics } = {},
}: Settings): readonly ScrapeTarget[] {
  return certificateMetrics ?? (tls ? [certManagerMetrics()] : []);
}

/** Returns, for each node group, the settings that alerting rules depend on. */
const nodeGroupSettingsForAlertRules = ({ edge, pushgateways }: Settings): RuledNodes[] =>
  nodeGroupsWithInheritedSettings(edge).map(
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
