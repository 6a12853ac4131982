import { layered } from '../../core/option-table';
import type { CloudComponent } from '../cloud-component';
import { Prometheus, type PrometheusProps } from './prometheus';
import {
  PROMETHEUS_RETENTION,
  PROMETHEUS_SETTINGS,
  PROMETHEUS_STORAGE,
  type PrometheusEnvironment,
} from './settings';
import { type PrometheusPlan, type PrometheusSizes, prometheusSizing } from './sizing';

/** Prometheus as a component of an environment. The construct adds the rules about itself. */
export const prometheusComponent = {
  sizing: prometheusSizing,
  settings: { own: PROMETHEUS_SETTINGS, retention: PROMETHEUS_RETENTION, storage: PROMETHEUS_STORAGE },
  make: (scope, { settings: { prometheus, retention, storage }, ruleOptions }, sizes) => [
    new Prometheus(scope, 'prometheus', {
      ...layered<PrometheusProps>(
        prometheus,
        {
          retention: retention?.metrics,
          retentionSize: retention?.metricsSize,
          outOfOrderWindow: retention?.outOfOrderWindow,
          storage: storage?.prometheus,
        },
        sizes.prometheus,
      ),
      rules: ruleOptions.prometheus,
    }),
  ],
} satisfies CloudComponent<object, object, PrometheusPlan, PrometheusSizes, PrometheusEnvironment>;
