import type { Construct } from 'constructs';
import { BasicAuthIngress } from '../access/basic-auth-ingress';
import type { BasicAuthIngressProps } from '../access/basic-auth-ingress-options';
import { Alertmanager } from '../cloud/alertmanager';
import { Grafana } from '../cloud/grafana';
import type { LokiLimits, LokiStackProps, MultiTenancy } from '../cloud/loki';
import { LokiStack } from '../cloud/loki';
import type { MetricsGatewayProps } from '../cloud/metrics-gateway';
import { MetricsGateway } from '../cloud/metrics-gateway';
import { Prometheus, type PrometheusProps } from '../cloud/prometheus';
import type { PushgatewayProps, ReaperOptions } from '../cloud/pushgateway';
import { Pushgateway } from '../cloud/pushgateway';
import { layered } from '../core/option-table';
import type { RuleOptions } from '../core/rule-set';
import type { Sizes } from './components';
import type { Settings } from './settings';
import { lineAgeFor } from './sizes';

/** Names of what is pushed to, and of the jobs that read it. */
export const EXPORTERS_PUSHGATEWAY = 'pushgateway';
export const SERVICES_PUSHGATEWAY = 'pushgateway-services';
export const METRICS_GATEWAY = 'metrics-gateway';

/** The public host that metrics are pushed to. */
export function makePushIngress(scope: Construct, { hosts, ...settings }: Settings): BasicAuthIngress {
  return makeIngress(scope, 'push', hosts.metrics, settings.ingress, {
    rateLimit: settings.ingress?.rateLimit,
    groups: settings.ingress?.groups,
    usersSecretName: settings.secrets?.pushUsers,
    credentialsSecretName: settings.secrets?.pushCredentials,
  });
}

/** Below which business services push, to a Pushgateway or to the gateway. */
const SERVICES_PREFIX = '/services';

/**
 * The gateway that takes remote write and, where business services have no Pushgateway, their pushes.
 */
export function makeGateway(
  scope: Construct,
  { storage, metricsGateway }: Settings,
  { gateway }: Sizes,
  ingress: BasicAuthIngress,
  store: Prometheus,
  takesServices: boolean,
): MetricsGateway {
  return new MetricsGateway(scope, 'metrics-gateway', {
    ...layered<MetricsGatewayProps>(metricsGateway, { storage: storage?.metricsGateway }, gateway),
    ...limitsOf(gateway, metricsGateway?.limits),
    name: METRICS_GATEWAY,
    ingress,
    store,
    ...(takesServices && { pushPrefix: SERVICES_PREFIX }),
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
  limits: layered<T>(said, limits),
  groupLimits: Object.fromEntries(
    Object.entries(groupLimits).map(([group, planned]) => [group, layered<T>(said, planned)]),
  ),
});

/** One exporter writes each group of it, so that nothing contradicts: the dear check is off. */
export function makeExportersPushgateway(
  scope: Construct,
  { storage, pushgateways }: Settings,
  { pushgateway }: Sizes,
  ingress: BasicAuthIngress,
): Pushgateway {
  const { reaper, ...own } = pushgateways?.exporters ?? {};
  return new Pushgateway(scope, 'pushgateway', {
    ...layered<PushgatewayProps>(own, { storage: storage?.pushgateway }, pushgateway),
    reaper: reaper !== false && layered<ReaperOptions>(reaper, { after: '1d' }),
    // Resources of one's own have limits of their own.
    ...limitsOf(own.resources ? {} : pushgateway, own.limits),
    name: EXPORTERS_PUSHGATEWAY,
    ingress,
    consistencyCheck: false,
  });
}

/** People write what is pushed here: one bad push must not blind the scrape of the exporters. */
export function makeServicesPushgateway(
  scope: Construct,
  { storage, pushgateways }: Settings,
  ingress: BasicAuthIngress,
): Pushgateway {
  return new Pushgateway(scope, 'pushgateway-services', {
    ...pushgateways?.services,
    name: SERVICES_PUSHGATEWAY,
    ingress,
    routePrefix: SERVICES_PREFIX,
    storage: storage?.pushgateway,
  });
}

/** Loki, with its public host, and a tenant for each group of the ingress. */
export function makeLoki(
  scope: Construct,
  { hosts, retention, storage, ...settings }: Settings,
  { loki }: Sizes,
  rules: RuleOptions,
): LokiStack {
  return new LokiStack(scope, 'loki', {
    ...layered<LokiStackProps>(
      settings.loki,
      { retention: retention?.logs, storage: storage?.loki, maxLineAge: lineAgeFor(settings.longestOutage) },
      loki && { storage: loki.storage, resources: loki.resources },
    ),
    limits: layered<LokiLimits>(settings.loki?.limits, loki?.limits),
    multiTenancy: tenantsFor(settings, loki),
    rules,
    ingress: makeIngress(scope, 'logs', hosts.logs, settings.ingress, {
      rateLimit: settings.ingress?.rateLimit,
      groups: settings.ingress?.groups,
      usersSecretName: settings.secrets?.logsUsers,
      credentialsSecretName: settings.secrets?.logsCredentials,
    }),
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
  const byFleet = groups.map(([group, limits]) => [group, layered<LokiLimits>(stated?.[group], limits)]);
  return { ...loki?.multiTenancy, limits: { ...stated, ...Object.fromEntries(byFleet) } };
}

/** Prometheus, as large as the fleet needs it. */
export function makePrometheus(
  scope: Construct,
  { retention, storage, ...settings }: Settings,
  { prometheus }: Sizes,
  rules: RuleOptions,
): Prometheus {
  return new Prometheus(scope, 'prometheus', {
    ...layered<PrometheusProps>(
      settings.prometheus,
      {
        retention: retention?.metrics,
        retentionSize: retention?.metricsSize,
        outOfOrderWindow: retention?.outOfOrderWindow,
        storage: storage?.prometheus,
      },
      prometheus,
    ),
    rules,
  });
}

/** Alertmanager, with the receivers and routes of the settings. */
export function makeAlertmanager(
  scope: Construct,
  { alerts, receivers, secrets, storage }: Settings,
): Alertmanager {
  return new Alertmanager(scope, 'alertmanager', {
    receivers,
    routes: alerts?.routes,
    heartbeat: alerts?.heartbeat,
    timeIntervals: alerts?.timeIntervals,
    receiversSecretName: secrets?.receivers,
    storage: storage?.alertmanager,
  });
}

/** Grafana, with a public host where the settings name one. */
export function makeGrafana(
  scope: Construct,
  { alerts, hosts, secrets, storage, ingress, grafana }: Settings,
): Grafana {
  return new Grafana(scope, 'grafana', {
    ...grafana,
    secretName: secrets?.grafana,
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
    tls,
  });
}
