import {
  mergeOptionsPreferringFirst,
  type OptionTable,
  pickOptions,
  validateAndApplyDefaults,
} from '../../core/option-table';
import type { MetricsStoreType } from '../metrics-store-type';
import { PROMETHEUS_OPTIONS, type PrometheusProps } from './options';
import { PROMETHEUS_PANELS } from './panels';
import { Prometheus } from './prometheus';

/** Options of `prometheus()`. */
export interface PrometheusStoreOptions extends Pick<PrometheusProps, 'logLevel' | 'resources'> {
  /**
   * Number of replicas. With two replicas, alerts and dashboards keep working while one replica is
   * unavailable.
   * @default - 2 if `edge.fleet` has more than 10 nodes, else 1
   */
  readonly replicas?: 1 | 2;
}

/** Validation rule and default of each option of `prometheus()`. */
export const PROMETHEUS_STORE_OPTIONS = {
  ...pickOptions(PROMETHEUS_OPTIONS, ['logLevel']),
  replicas: { rule: PROMETHEUS_OPTIONS.replicas.rule, default: undefined },
  resources: { rule: PROMETHEUS_OPTIONS.resources.rule, default: undefined },
} satisfies OptionTable<PrometheusStoreOptions>;

/**
 * Returns a value for the setting `metricsStore`: a Prometheus of this stack, which stores samples on a
 * volume, evaluates rules and answers Grafana's queries.
 * @throws InvalidOptionError when an option is invalid.
 */
export function prometheus(given: PrometheusStoreOptions = {}): MetricsStoreType {
  const options = validateAndApplyDefaults('prometheus', given, PROMETHEUS_STORE_OPTIONS);
  return {
    plan: { kind: 'prometheus', replicas: options.replicas },
    panels: PROMETHEUS_PANELS,
    make: (scope, { settings: { retention, storage }, rules, sizes }) =>
      new Prometheus(scope, 'prometheus', {
        ...mergeOptionsPreferringFirst<PrometheusProps>(
          options,
          {
            retention: retention?.metrics,
            retentionSize: retention?.metricsSize,
            outOfOrderWindow: retention?.outOfOrderWindow,
            storage: storage?.prometheus,
          },
          sizes?.prometheus,
        ),
        rules,
      }),
  };
}
