import { bytes } from '../../core/units';
import type { Sizing } from '../../fleet/sizing';
import type { CloudComponent } from '../cloud-component';
import { type EvaluationPlan, evaluationSizing } from '../evaluated-store';
import type { MetricsStoreSizes } from '../metrics-store-type';
import {
  longWindowProblem,
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

/** Sizes of all stores: unused ones need nothing, and have no rows. */
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

/** The store of metrics that an environment chose. The rules about itself it adds by itself. */
export const metricsStoreComponent = {
  sizing,
  settings: { own: METRICS_STORE_SETTINGS, retention: METRICS_RETENTION, storage: METRICS_STORAGE },
  settingsProblems: ({ settings }) => [...volumeOverflowProblems(settings), ...windowProblems(settings)],
  make: (scope, { settings, ruleOptions }, sizes) => {
    const { metricsStore = prometheus() } = settings;
    return [metricsStore.make(scope, { settings, rules: ruleOptions.prometheus, sizes })];
  },
} satisfies CloudComponent<object, object, MetricsStorePlan, MetricsStoreSizes, MetricsStoreEnvironment>;

/** Only compares stated sizes; the construct checks computed ones. */
function volumeOverflowProblems({
  retention: { metricsSize } = {},
  storage: { prometheus: volume } = {},
}: MetricsStoreEnvironment): readonly string[] {
  if (!metricsSize || !volume || bytes(metricsSize) < bytes(volume)) return [];
  return [
    `settings.retention.metricsSize is ${metricsSize}, and settings.storage.prometheus ${volume}; allowed: less than the size of the volume`,
  ];
}

/** A stated window must not exceed the retention period; that of another store is in `unread`. */
function windowProblems({ retention = {} }: MetricsStoreEnvironment): readonly string[] {
  const { metrics = PROMETHEUS_OPTIONS.retention.default, outOfOrderWindow: window } = retention;
  const problem =
    window &&
    longWindowProblem(metrics, window, {
      retention: 'settings.retention.metrics',
      window: 'settings.retention.outOfOrderWindow',
    });
  return problem ? [problem] : [];
}

/** Returns the errors for settings of a Prometheus of this stack, where another store keeps the samples. */
export function unreadSettingProblems(settings: MetricsStoreEnvironment): readonly string[] {
  return Object.entries(settings.metricsStore?.unread ?? {}).flatMap(([path, remedy]) => {
    const given = path.split('.').reduce((held: unknown, part) => Reflect.get(Object(held), part), settings);
    if (given === undefined) return [];
    return [`settings.${path} has no effect with this metricsStore; allowed: leave it out: ${remedy}`];
  });
}
