import { bytes } from '../../core/units';
import type { CloudComponent } from '../cloud-component';
import { type PrometheusPlan, type PrometheusSizes, prometheus, prometheusSizing } from '../prometheus';
import {
  METRICS_RETENTION,
  METRICS_STORAGE,
  METRICS_STORE_SETTINGS,
  type MetricsStoreEnvironment,
} from './settings';

/** The store of metrics that an environment chose. The rules about itself it adds by itself. */
export const metricsStoreComponent = {
  sizing: prometheusSizing,
  settings: { own: METRICS_STORE_SETTINGS, retention: METRICS_RETENTION, storage: METRICS_STORAGE },
  settingsProblems: ({ settings }) => [...overflow(settings), ...unused(settings)],
  make: (scope, { settings, ruleOptions }, sizes) => {
    const { metricsStore = prometheus() } = settings;
    return [metricsStore.make(scope, { settings, rules: ruleOptions.prometheus, sizes: sizes.prometheus })];
  },
} satisfies CloudComponent<object, object, PrometheusPlan, PrometheusSizes, MetricsStoreEnvironment>;

/** Only compares stated sizes; the construct checks computed ones. */
function overflow({
  retention: { metricsSize } = {},
  storage: { prometheus: volume } = {},
}: MetricsStoreEnvironment): readonly string[] {
  if (!metricsSize || !volume || bytes(metricsSize) < bytes(volume)) return [];
  return [
    `settings.retention.metricsSize is ${metricsSize}, and settings.storage.prometheus ${volume}; allowed: less than the size of the volume`,
  ];
}

/** Settings of a Prometheus of this stack, where another store keeps the samples. */
function unused(settings: MetricsStoreEnvironment): readonly string[] {
  return Object.entries(settings.metricsStore?.unread ?? {}).flatMap(([path, remedy]) => {
    const given = path.split('.').reduce((held: unknown, part) => Reflect.get(Object(held), part), settings);
    if (given === undefined) return [];
    return [`settings.${path} has no effect with this metricsStore; allowed: leave it out: ${remedy}`];
  });
}
