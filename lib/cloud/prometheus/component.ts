import { layered } from '../../core/option-table';
import type { Duration, Quantity } from '../../core/units';
import type { CloudComponent } from '../cloud-component';
import { Prometheus, type PrometheusProps } from './prometheus';
import { type PrometheusPlan, type PrometheusSizes, prometheusSizing } from './sizing';

/** Settings that concern Prometheus. */
export interface PrometheusEnvironment {
  readonly prometheus?: PrometheusProps;
  readonly retention?: {
    readonly metrics?: Duration;
    readonly metricsSize?: Quantity;
    readonly outOfOrderWindow?: Duration;
  };
  readonly storage?: { readonly prometheus?: Quantity };
}

/** Prometheus, as an environment knows it. The rules about itself it adds by itself. */
export const prometheusComponent = {
  sizing: prometheusSizing,
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
