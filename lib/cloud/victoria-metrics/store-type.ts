import { Construct } from 'constructs';
import type { ScrapeTarget } from '../../contracts/scrape-target';
import type { CloudWorkload } from '../../core/cloud-workload';
import { mergeOptionsPreferringFirst } from '../../core/option-table';
import { toSeconds } from '../../core/units';
import { optionError } from '../../core/validation';
import { EvaluatedStore } from '../evaluated-store';
import type { ExternalStoreProps } from '../metrics-gateway';
import type { MetricsStoreContext, MetricsStoreType } from '../metrics-store-type';
import { PROMETHEUS_OPTIONS } from '../prometheus';
import { scrapeJobForPods } from '../scraped-pods';
import { victoriaMetricsDashboard } from './dashboard';
import {
  type ClusterSettings,
  resolveVictoriaMetricsOptions,
  type VictoriaMetricsClusterOptions,
} from './options';
import { victoriaMetricsPanels } from './panels';
import { alertRulesAboutVictoriaMetrics } from './rules';
import { type ClusterSizes, DEFAULT_SIZES, minStorageNodeCount } from './sizing';
import {
  type ClusterProps,
  createInsertWorkload,
  createSelectWorkload,
  createStorageWorkload,
  headlessServiceName,
} from './workloads';

/**
 * Returns a value for the setting `metricsStore`: a VictoriaMetrics cluster of this stack with vminsert,
 * vmstorage and vmselect, for fleets that are too large for one Prometheus. A vmagent scrapes the targets in
 * the cloud, and two vmalerts evaluate the rules.
 * @throws InvalidOptionError when an option is invalid or contradicts another option.
 */
export function victoriaMetricsCluster(given: VictoriaMetricsClusterOptions = {}): MetricsStoreType {
  const settings = resolveVictoriaMetricsOptions(given);
  const { replicationFactor, storageNodes } = settings;
  return {
    plan: { kind: 'victoria-metrics', replicationFactor, storageNodes },
    panels: victoriaMetricsPanels(replicationFactor),
    dashboard: victoriaMetricsDashboard(replicationFactor),
    unread: {
      'retention.metricsSize':
        'VictoriaMetrics deletes samples only by age, so set the option "storage" of victoriaMetricsCluster() to a sufficient size',
      'retention.outOfOrderWindow': 'VictoriaMetrics accepts samples of any age within retention.metrics',
      'storage.prometheus':
        'set the option "storage" of victoriaMetricsCluster(), which is the size of the volume of each vmstorage pod',
    },
    make: (scope, context) =>
      createVictoriaMetricsCluster(new Construct(scope, 'victoria-metrics'), settings, context),
  };
}

function createVictoriaMetricsCluster(
  scope: Construct,
  settings: ClusterSettings,
  context: MetricsStoreContext,
) {
  const props = resolveVictoriaMetricsProps(scope, settings, context);
  const storage = createStorageWorkload(scope, props);
  const insert = createInsertWorkload(scope, props, storage);
  const select = createSelectWorkload(scope, props, storage);
  const write = {
    // 0 is VictoriaMetrics' default tenant.
    url: `http://${insert.serviceAddress('http')}/insert/0/prometheus/api/v1/write`,
    encoding: 'zstd',
  } satisfies ExternalStoreProps;
  const store = new EvaluatedStore(scope, 'metrics-store', {
    ...settings,
    write,
    store: {
      writeUrls: [write.url],
      writeServer: insert.serverForNetworkPolicies('http'),
      encoding: write.encoding,
    },
    query: { url: `http://${select.serviceAddress('http')}/select/0/prometheus` },
    queryServer: select.serverForNetworkPolicies('http'),
    rules: 'vmalert',
    storage: settings.scraperStorage,
    retention: props.retention,
    sizes: context.sizes?.evaluation,
    ruleOptions: context.rules,
  });
  store.addTarget(victoriaMetricsScrapeTarget(insert, select, storage));
  store.addRules(alertRulesAboutVictoriaMetrics());
  return store;
}

/**
 * Returns the sizes and options of the cluster. An option in the settings takes precedence over the size that
 * is computed for the fleet, and the computed size over the default.
 * @throws InvalidOptionError when `retention.metrics` is shorter than a day.
 */
function resolveVictoriaMetricsProps(
  scope: Construct,
  settings: ClusterSettings,
  {
    settings: { retention: { metrics = PROMETHEUS_OPTIONS.retention.default } = {} },
    sizes,
  }: MetricsStoreContext,
): ClusterProps {
  const { replicationFactor, dedupInterval } = settings;
  if (toSeconds(metrics) < 86_400) {
    throw optionError(
      scope,
      `retention.metrics is ${metrics}; allowed: at least 1d, the minimum of VictoriaMetrics`,
    );
  }
  return {
    ...DEFAULT_SIZES,
    storageNodes: minStorageNodeCount(replicationFactor),
    ...mergeOptionsPreferringFirst<ClusterSizes>(settings, sizes?.victoriaMetrics),
    replicationFactor,
    dedupInterval,
    retention: metrics,
  };
}

/** Returns a scrape target with one scrape job for each of the three programs. */
const victoriaMetricsScrapeTarget = (
  insert: CloudWorkload,
  select: CloudWorkload,
  storage: CloudWorkload,
): ScrapeTarget => ({
  scrapeConfigs: [
    scrapeJobForPods(insert, headlessServiceName('vminsert')),
    scrapeJobForPods(select, headlessServiceName('vmselect')),
    { job_name: storage.name, static_configs: [{ targets: storage.replicaAddresses('http') }] },
  ],
  scrapeServers: [insert, select, storage].map((workload) => workload.serverForNetworkPolicies('http')),
});
