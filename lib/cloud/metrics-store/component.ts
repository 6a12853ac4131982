import { bytes } from '../../core/units';
import type { Sizing } from '../../fleet/sizing';
import type { CloudComponent } from '../cloud-component';
import { type EvaluationPlan, evaluationSizing } from '../evaluated-store';
import type { MetricsStoreSizes } from '../metrics-store-type';
import {
  PROMETHEUS_OPTIONS,
  type PrometheusPlan,
  prometheus,
  prometheusSizing,
  windowAboveRetentionProblem,
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
 * Computes the sizes of all kinds of metrics stores. The sizes of kinds that the environment does not use are
 * 0, and have no rows in the plan.
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
 * store adds the rules about itself.
 */
export const metricsStoreComponent = {
  sizing,
  settings: { own: METRICS_STORE_SETTINGS, retention: METRICS_RETENTION, storage: METRICS_STORAGE },
  settingsProblems: ({ settings }) => [
    ...volumeOverflowProblems(settings),
    ...outOfOrderWindowProblems(settings),
  ],
  make: (scope, { settings, ruleOptions }, sizes) => {
    const { metricsStore = prometheus() } = settings;
    return [metricsStore.make(scope, { settings, rules: ruleOptions.prometheus, sizes })];
  },
} satisfies CloudComponent<object, object, MetricsStorePlan, MetricsStoreSizes, MetricsStoreEnvironment>;

/**
 * Returns an error message if `retention.metricsSize` does not fit into `storage.prometheus`. Only explicit
 * settings are compared; the construct validates computed sizes.
 */
function volumeOverflowProblems({
  retention: { metricsSize } = {},
  storage: { prometheus: volume } = {},
}: MetricsStoreEnvironment): readonly string[] {
  if (!metricsSize || !volume || bytes(metricsSize) < bytes(volume)) return [];
  return [
    `settings.retention.metricsSize is ${metricsSize}; allowed: less than ${volume}, the size of the volume (settings.storage.prometheus)`,
  ];
}

/**
 * Returns an error message if the setting `retention.outOfOrderWindow` exceeds the retention period. The check
 * only applies to a Prometheus of this stack: other stores list this setting in `unread`.
 */
function outOfOrderWindowProblems({ retention = {} }: MetricsStoreEnvironment): readonly string[] {
  const { metrics = PROMETHEUS_OPTIONS.retention.default, outOfOrderWindow: window } = retention;
  const problem =
    window &&
    windowAboveRetentionProblem(metrics, window, {
      retention: 'settings.retention.metrics',
      window: 'settings.retention.outOfOrderWindow',
    });
  return problem ? [problem] : [];
}

/**
 * Returns an error message for each setting that has no effect with the selected store, such as
 * `storage.prometheus` with a remote store.
 */
export function unreadSettingProblems(settings: MetricsStoreEnvironment): readonly string[] {
  return Object.entries(settings.metricsStore?.unread ?? {}).flatMap(([path, remedy]) => {
    const given = path.split('.').reduce((held: unknown, part) => Reflect.get(Object(held), part), settings);
    if (given === undefined) return [];
    return [`settings.${path} has no effect with this metricsStore: remove it from the settings; ${remedy}`];
  });
}
