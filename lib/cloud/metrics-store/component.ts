import { toBytes } from '../../core/units';
import type { Sizing } from '../../fleet/sizing';
import type { CloudComponent } from '../cloud-component';
import { type EvaluationPlan, evaluationSizing } from '../evaluated-store';
import type { MetricsStoreSizes } from '../metrics-store-type';
import {
  outOfOrderWindowAboveRetentionProblem,
  PROMETHEUS_OPTIONS,
  type PrometheusPlan,
  prometheus,
  prometheusSizing,
} from '../prometheus';
import { type VictoriaMetricsPlan, victoriaMetricsSizing } from '../victoria-metrics';
import {
  METRICS_RETENTION,
  METRICS_STORAGE,
  METRICS_STORE_SETTINGS,
  type MetricsStoreEnvironment,
} from './settings';

type MetricsStorePlan = PrometheusPlan & VictoriaMetricsPlan & EvaluationPlan;

/**
 * Plans the resources of the metrics store. The plan contains all kinds of stores, such as Prometheus and
 * VictoriaMetrics. For a kind that the environment does not use, all values are 0, and the printed plan has
 * no rows.
 */
const sizing: Sizing<MetricsStorePlan, MetricsStoreSizes> = {
  needs: (fleet) => ({
    ...prometheusSizing.needs(fleet),
    ...victoriaMetricsSizing.needs(fleet),
    ...evaluationSizing.needs(fleet),
  }),
  rows: (plan, fleet) => [
    ...prometheusSizing.rows(plan, fleet),
    ...victoriaMetricsSizing.rows(plan, fleet),
    ...evaluationSizing.rows(plan, fleet),
  ],
  sizes: (plan, context) => ({
    ...prometheusSizing.sizes(plan, context),
    ...victoriaMetricsSizing.sizes(plan, context),
    ...evaluationSizing.sizes(plan, context),
  }),
};

/**
 * The component `metrics-store` of an environment: the store that the setting `metricsStore` selects. The
 * store itself adds the alerts about the store.
 */
export const metricsStoreComponent = {
  sizing,
  settings: { own: METRICS_STORE_SETTINGS, retention: METRICS_RETENTION, storage: METRICS_STORAGE },
  settingsProblems: ({ settings }) => [
    ...problemsOfTooLargeRetentionSize(settings),
    ...problemsOfOutOfOrderWindowAboveRetention(settings),
  ],
  make: (scope, { settings, ruleOptions }, sizes) => {
    const { metricsStore = prometheus() } = settings;
    return [metricsStore.make(scope, { settings, rules: ruleOptions.prometheus, sizes })];
  },
} satisfies CloudComponent<object, object, MetricsStorePlan, MetricsStoreSizes, MetricsStoreEnvironment>;

/**
 * Returns an error message if `retention.metricsSize` is not smaller than `storage.prometheus`. Returns an
 * empty list if one of the two settings is missing. The construct `Prometheus` then compares the sizes, after it
 * has filled in the missing size.
 */
function problemsOfTooLargeRetentionSize({
  retention: { metricsSize } = {},
  storage: { prometheus: volume } = {},
}: MetricsStoreEnvironment): readonly string[] {
  if (!metricsSize || !volume || toBytes(metricsSize) < toBytes(volume)) return [];
  return [
    `settings.retention.metricsSize is ${metricsSize}; allowed: less than ${volume}, the size of the volume (settings.storage.prometheus)`,
  ];
}

/**
 * Returns an error message if `retention.outOfOrderWindow` exceeds the retention period. Returns an empty
 * list if `retention.outOfOrderWindow` is not set. Only a Prometheus of this stack reads this setting. All other
 * stores list the setting in `unread`.
 */
function problemsOfOutOfOrderWindowAboveRetention({
  retention = {},
}: MetricsStoreEnvironment): readonly string[] {
  const { metrics = PROMETHEUS_OPTIONS.retention.default, outOfOrderWindow: window } = retention;
  const problem =
    window &&
    outOfOrderWindowAboveRetentionProblem(metrics, window, {
      retention: 'settings.retention.metrics',
      window: 'settings.retention.outOfOrderWindow',
    });
  return problem ? [problem] : [];
}

/**
 * Returns an error message for each setting that the environment sets, but the selected store does not read.
 * An example is `storage.prometheus` with a remote store.
 */
export function problemsOfSettingsThatStoreIgnores(settings: MetricsStoreEnvironment): readonly string[] {
  return Object.entries(settings.metricsStore?.unread ?? {}).flatMap(([path, remedy]) => {
    const given = path.split('.').reduce((held: unknown, part) => Reflect.get(Object(held), part), settings);
    if (given === undefined) return [];
    return [`settings.${path} has no effect with this metricsStore: remove this setting; ${remedy}`];
  });
}
