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
  make: (scope, { settings, ruleOptions }, sizes) => {
    const { metricsStore = prometheus() } = settings;
    return [metricsStore.make(scope, { settings, rules: ruleOptions.prometheus, sizes: sizes.prometheus })];
  },
} satisfies CloudComponent<object, object, PrometheusPlan, PrometheusSizes, MetricsStoreEnvironment>;
