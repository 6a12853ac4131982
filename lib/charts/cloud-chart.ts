import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { BasicAuthIngress } from '../access/basic-auth-ingress';
import type { BasicAuthIngressProps } from '../access/basic-auth-ingress-options';
import { certManagerMetrics } from '../access/certificate-metrics';
import { ingressNginx } from '../access/ingress-nginx';
import { Alertmanager } from '../cloud/alertmanager';
import { Grafana } from '../cloud/grafana';
import { KubeStateMetrics } from '../cloud/kube-state-metrics';
import { KubernetesTargets } from '../cloud/kubernetes-targets';
import { LogCollector } from '../cloud/log-collector';
import { LokiStack } from '../cloud/loki-stack';
import type { MultiTenancy } from '../cloud/loki-tenants';
import { MetricsGateway } from '../cloud/metrics-gateway';
import { NodeExporter } from '../cloud/node-exporter';
import { Prometheus } from '../cloud/prometheus';
import { Pushgateway } from '../cloud/pushgateway';
import type { ScrapeTarget } from '../contracts/scrape-target';
import { PodNamespace } from '../core/pod-namespace';
import type { RuleOptions } from '../core/rule-set';
import { runningShards, shardName } from '../core/shards';
import type { RuledNodes } from '../edge/ruled-nodes';
import type { Fleet } from '../fleet/fleet';
import { neededBy } from '../fleet/plan';
import { environmentDashboards } from './environment-dashboards';
import { definePlatform } from './environment-platform';
import { environmentRules, optionsFor } from './environment-rules';
import { servedGroups } from './served-groups';
import type { Settings, SharedPushgateway } from './settings';
import { fleetOf, lineAgeFor, type Sizes, sizesOf, verifyOutage } from './sizes';

/** What a CloudChart is made of. */
export interface CloudChartProps {
  readonly settings: Settings;
}

const EXPORTERS_PUSHGATEWAY = 'pushgateway';
const SERVICES_PUSHGATEWAY = 'pushgateway-services';
const METRICS_GATEWAY = 'metrics-gateway';

/** The cloud side: what receives, stores, shows and alerts. */
export class CloudChart extends Chart {
  /** Where the metrics of edge nodes go, by the transport that the settings choose. */
  readonly metrics: Pushgateway | MetricsGateway;
  /** The same for every transport that groups of nodes use. */
  readonly sinks: readonly (Pushgateway | MetricsGateway)[];
  /** Where business services push to by themselves. */
  readonly services: Pushgateway;
  /** Where the edge sends its logs. */
  readonly logs: LokiStack;
  /** What the settings say of the fleet that it is sized for. */
  readonly fleet?: Fleet;
  /** What reads all metrics; add targets of your own to it. */
  readonly prometheus: Prometheus;
  /** What shows them; add data sources of your own to it. */
  readonly grafana: Grafana;
  /** What tells people of alerts; add to it what rules of your own mute. */
  readonly alertmanager: Alertmanager;

  /** @throws InvalidOptionError when a setting is not allowed. */
  constructor(scope: Construct, id: string, { settings }: CloudChartProps) {
    super(scope, id);
    const { namespaces } = definePlatform(this, settings);
    new PodNamespace(this, 'namespace', { name: namespaces.cloud, podSecurity: 'restricted' });
    new PodNamespace(this, 'nodes-namespace', { name: namespaces.nodes, podSecurity: 'privileged' });

    const transports = transportsOf(settings);
    verifyOutage(this.node.path, settings, transports.includes('remote-write'));
    this.fleet = fleetOf(this.node.path, settings);
    const sizes = sizesOf(this, this.fleet, settings);
    const push = makePushIngress(this, settings);
    const certificates = certificateTargets(settings);
    const rules = environmentRules({
      thresholds: settings.alerts?.thresholds,
      ...(transports.includes('remote-write') && { gateway: METRICS_GATEWAY }),
      ...(transports.includes('pushgateway') && {
        exporters: jobsOf(EXPORTERS_PUSHGATEWAY, {
          ...sizes.pushgateway,
          ...settings.pushgateways?.exporters,
        }),
      }),
      services: jobsOf(SERVICES_PUSHGATEWAY, settings.pushgateways?.services),
      nodes: nodesOf(settings),
      membership: settings.edge?.membership,
      edgeNamespace: namespaces.edge,
      certificates: certificates.length > 0,
      ingressNamespaces: [namespaces.cloud, ...controllerNamespaces(settings)],
    });
    const ruleOptions = optionsFor(rules, settings.alerts);
    this.prometheus = makePrometheus(this, settings, sizes, ruleOptions.prometheus);
    this.sinks = transports.map((transport) =>
      transport === 'remote-write'
        ? makeGateway(this, settings, sizes, push, this.prometheus)
        : makeExportersPushgateway(this, settings, sizes, push),
    );
    this.metrics = this.sinks[0] as Pushgateway | MetricsGateway;
    this.services = makeServicesPushgateway(this, settings, push);
    this.logs = makeLoki(this, settings, sizes, ruleOptions.loki);
    this.grafana = makeGrafana(this, settings);
    this.alertmanager = makeAlertmanager(this, settings);

    this.prometheus.addAlertSink(this.alertmanager);
    this.logs.addAlertSink(this.alertmanager);
    for (const source of rules.prometheus) this.prometheus.addRules(source);
    for (const source of rules.loki) this.logs.addRules(source);
    for (const source of [...rules.prometheus, ...rules.loki]) this.alertmanager.addInhibitions(source);
    new KubernetesTargets(this, 'kubernetes', { prometheus: this.prometheus });
    const targets = [...this.sinks, this.services, this.logs, this.grafana, this.alertmanager];
    const agents = [
      new KubeStateMetrics(this, 'kube-state-metrics', {
        ...sizes.kubeStateMetrics,
        nodeLabels: nodesOf(settings).flatMap(({ nodeSelector = {} }) => Object.keys(nodeSelector)),
      }),
      new NodeExporter(this, 'node-exporter'),
      new LogCollector(this, 'log-collector', { loki: this.logs }),
    ];
    for (const target of [...targets, ...agents, ...certificates]) this.prometheus.addTarget(target);
    for (const source of [this.prometheus, this.logs, this.alertmanager]) this.grafana.addDataSource(source);
    for (const source of environmentDashboards(this.fleet && neededBy(this.fleet)))
      this.grafana.addDashboards(source);
  }
}

/** Prometheus reads each shard as a job of its own, by the name of its objects. */
const jobsOf = (name: string, shared: SharedPushgateway = {}): string[] =>
  runningShards(shared).map((shard) => shardName(name, shard));

/** Where the ingress controller's own pods are, which log who was refused. */
function controllerNamespaces({ ingress: { controller = ingressNginx() } = {} }: Settings): string[] {
  return controller.clients.flatMap((client) => ('namespace' in client ? [client.namespace] : []));
}

/** Where certificates have an issuer, there is a cert-manager. */
function certificateTargets({
  ingress: { tls, certificateMetrics } = {},
}: Settings): readonly ScrapeTarget[] {
  return certificateMetrics ?? (tls ? [certManagerMetrics()] : []);
}

function makePushIngress(scope: Construct, { hosts, ...settings }: Settings): BasicAuthIngress {
  return makeIngress(scope, 'push', hosts.metrics, settings.ingress, {
    rateLimit: settings.ingress?.rateLimit,
    groups: settings.ingress?.groups,
    usersSecretName: settings.secrets?.pushUsers,
    credentialsSecretName: settings.secrets?.pushCredentials,
  });
}

/** All that are in use, that of nodes in no group first. */
const transportsOf = ({ edge }: Settings) => [
  ...new Set(servedGroups(edge).map(({ transport = 'pushgateway' }) => transport)),
];

/** The nodes of the edge, as rules about them have to know them. */
const nodesOf = ({ edge, pushgateways }: Settings): RuledNodes[] =>
  servedGroups(edge).map(
    ({ group, nodeSelector, transport = 'pushgateway', interval, agent, fleet, device }) => ({
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

function makeGateway(
  scope: Construct,
  { storage, metricsGateway }: Settings,
  { gateway }: Sizes,
  ingress: BasicAuthIngress,
  store: Prometheus,
): MetricsGateway {
  return new MetricsGateway(scope, 'metrics-gateway', {
    ...gateway,
    ...metricsGateway,
    ...limitsOf(gateway, metricsGateway?.limits),
    name: METRICS_GATEWAY,
    ingress,
    store,
    storage: storage?.metricsGateway ?? gateway?.storage,
  });
}

/** What is said of limits counts for all nodes and, where groups have limits of their own, for each group. */
const limitsOf = <T extends object>(
  {
    limits,
    groupLimits = {},
  }: { readonly limits?: T; readonly groupLimits?: Readonly<Record<string, T>> } = {},
  said?: Partial<T>,
) => ({
  limits: { ...limits, ...said },
  groupLimits: Object.fromEntries(
    Object.entries(groupLimits).map(([group, planned]) => [group, { ...planned, ...said }]),
  ),
});

/** One exporter writes each group of it, so that nothing contradicts: the dear check is off. */
function makeExportersPushgateway(
  scope: Construct,
  { storage, pushgateways }: Settings,
  { pushgateway }: Sizes,
  ingress: BasicAuthIngress,
): Pushgateway {
  const { reaper, ...own } = pushgateways?.exporters ?? {};
  return new Pushgateway(scope, 'pushgateway', {
    ...pushgateway,
    ...own,
    reaper: reaper !== false && { after: '1d', ...reaper },
    // Resources of one's own have limits of their own.
    ...limitsOf(own.resources ? {} : pushgateway, own.limits),
    name: EXPORTERS_PUSHGATEWAY,
    ingress,
    consistencyCheck: false,
    storage: storage?.pushgateway,
  });
}

/** People write what is pushed here: one bad push must not blind the scrape of the exporters. */
function makeServicesPushgateway(
  scope: Construct,
  { storage, pushgateways }: Settings,
  ingress: BasicAuthIngress,
): Pushgateway {
  return new Pushgateway(scope, 'pushgateway-services', {
    ...pushgateways?.services,
    name: SERVICES_PUSHGATEWAY,
    ingress,
    routePrefix: '/services',
    storage: storage?.pushgateway,
  });
}

function makeLoki(
  scope: Construct,
  { hosts, retention, storage, ...settings }: Settings,
  { loki }: Sizes,
  rules: RuleOptions,
): LokiStack {
  return new LokiStack(scope, 'loki', {
    rules,
    ingress: makeIngress(scope, 'logs', hosts.logs, settings.ingress, {
      rateLimit: settings.ingress?.rateLimit,
      groups: settings.ingress?.groups,
      usersSecretName: settings.secrets?.logsUsers,
      credentialsSecretName: settings.secrets?.logsCredentials,
    }),
    maxLineAge: lineAgeFor(settings.longestOutage),
    resources: loki?.resources,
    ...settings.loki,
    limits: { ...loki?.limits, ...settings.loki?.limits },
    multiTenancy: tenantsFor(settings, loki),
    retention: retention?.logs,
    storage: storage?.loki ?? loki?.storage,
  });
}

/** Each group of the ingress may take of Loki what its nodes need, as far as nothing else is said. */
function tenantsFor(
  { ingress, loki }: Pick<Settings, 'ingress' | 'loki'>,
  sizes: Sizes['loki'],
): MultiTenancy {
  const stated = loki?.multiTenancy?.limits;
  const groups = Object.entries(sizes?.limitsByGroup ?? {}).filter(([group]) =>
    ingress?.groups?.includes(group),
  );
  const byFleet = groups.map(([group, limits]) => [group, { ...limits, ...stated?.[group] }]);
  return { ...loki?.multiTenancy, limits: { ...stated, ...Object.fromEntries(byFleet) } };
}

function makePrometheus(
  scope: Construct,
  { retention, storage, ...settings }: Settings,
  { prometheus }: Sizes,
  rules: RuleOptions,
): Prometheus {
  return new Prometheus(scope, 'prometheus', {
    resources: settings.prometheus?.resources ?? prometheus?.resources,
    rules,
    retention: retention?.metrics,
    retentionSize: retention?.metricsSize,
    outOfOrderWindow: retention?.outOfOrderWindow,
    storage: storage?.prometheus ?? prometheus?.storage,
  });
}

function makeAlertmanager(scope: Construct, { alerts, receivers, secrets, storage }: Settings): Alertmanager {
  return new Alertmanager(scope, 'alertmanager', {
    receivers,
    routes: alerts?.routes,
    heartbeat: alerts?.heartbeat,
    timeIntervals: alerts?.timeIntervals,
    receiversSecretName: secrets?.receivers,
    storage: storage?.alertmanager,
  });
}

function makeGrafana(scope: Construct, { alerts, hosts, secrets, storage, ingress }: Settings): Grafana {
  return new Grafana(scope, 'grafana', {
    runbooks: alerts?.runbooks,
    ingress: hosts.grafana
      ? makeIngress(scope, 'grafana', hosts.grafana, ingress, {
          usersSecretName: secrets?.grafanaUsers,
        })
      : undefined,
    adminSecretName: secrets?.grafanaAdmin,
    storage: storage?.grafana,
  });
}

function makeIngress(
  scope: Construct,
  name: string,
  host: string,
  { controller, tls }: NonNullable<Settings['ingress']> = {},
  more: Pick<BasicAuthIngressProps, 'usersSecretName' | 'credentialsSecretName' | 'rateLimit' | 'groups'>,
): BasicAuthIngress {
  return new BasicAuthIngress(scope, `${name}-ingress`, {
    ...more,
    name,
    host,
    controller,
    tls: tls ?? { secretName: `${name}-tls` },
  });
}
