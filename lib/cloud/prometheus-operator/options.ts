import { dnsLabel, duration, interval, labels, objectName, wholeNumber } from '../../core/option-rules';
import { type Options, type OptionTable, optionsRule } from '../../core/option-table';
import type { Duration } from '../../core/units';
import type { Rule } from '../../core/validation';
import { storeReplicas } from '../../fleet/fleet';
import { PROMETHEUS_OPTIONS } from '../prometheus';

/** An object of the Prometheus Operator, with the number of its pods. */
export interface OperatedObject {
  /** Name of the object. @default - as the chart kube-prometheus-stack names it for the label `release` */
  readonly name?: string;
  /** Number of replicas in its spec. @default 1 */
  readonly replicas?: number;
}

/** The Prometheus object that scrapes and evaluates. */
export interface OperatedPrometheus extends OperatedObject {
  /** Name of its service account. @default - the name of the object */
  readonly serviceAccountName?: string;
}

/** The Grafana whose sidecar loads dashboards and data sources from labeled ConfigMaps. */
export interface OperatedGrafana {
  /** Namespace of its pods. @default - that of Prometheus */
  readonly namespace?: string;
  /** Labels of its pods, for network policies. @default - `{ 'app.kubernetes.io/name': 'grafana' }` */
  readonly podLabels?: Readonly<Record<string, string>>;
  /** Labels of ConfigMaps with dashboards. @default - `{ grafana_dashboard: '1' }` */
  readonly dashboardLabels?: Readonly<Record<string, string>>;
  /** Labels of ConfigMaps with data sources. @default - `{ grafana_datasource: '1' }` */
  readonly dataSourceLabels?: Readonly<Record<string, string>>;
  /** Unique identifier of the data source of Prometheus. @default "prometheus" */
  readonly metricsUid?: string;
}

/** Options of `prometheusOperator()`. */
export interface PrometheusOperatorOptions {
  /**
   * Labels of ScrapeConfigs and PrometheusRules, which the selectors of the Prometheus object match:
   * `{ release: 'kube-prometheus-stack' }` for a Helm release of that name.
   */
  readonly labels: Readonly<Record<string, string>>;
  /** Namespace of the Prometheus and Alertmanager objects. */
  readonly namespace: string;
  /** The Prometheus object. @default - that of the chart kube-prometheus-stack, with one replica */
  readonly prometheus?: OperatedPrometheus;
  /** The Alertmanager object. @default - that of the chart kube-prometheus-stack, with one replica */
  readonly alertmanager?: OperatedObject;
  /** The Grafana. @default - that of the chart kube-prometheus-stack */
  readonly grafana?: OperatedGrafana;
  /** Default scrape interval, and evaluation interval of rules. @default "30s" */
  readonly scrapeInterval?: Duration;
  /**
   * How late a sample may arrive, at least as long as the longest outage without loss. `tsdb.outOfOrderTimeWindow` of the Prometheus
   * object must be ten minutes longer.
   * @default "2h"
   */
  readonly outOfOrderWindow?: Duration;
}

/** Labels that select something: without one, every object would match. */
const someLabels: Rule = {
  allowed: `${labels.allowed}, at least one`,
  accepts: (value) => labels.accepts(value) && Object.keys(Object(value)).length > 0,
};

/** The options of `alertmanager`. */
export const OPERATED_OBJECT = {
  name: { rule: objectName, default: undefined },
  replicas: { rule: wholeNumber(1, 9), default: 1 },
} satisfies OptionTable<OperatedObject>;

/** The options of `prometheus`. */
export const OPERATED_PROMETHEUS = {
  ...OPERATED_OBJECT,
  replicas: { rule: storeReplicas, default: 1 },
  serviceAccountName: { rule: objectName, default: undefined },
} satisfies OptionTable<OperatedPrometheus>;

/** The options of `grafana`. */
export const OPERATED_GRAFANA = {
  namespace: { rule: dnsLabel, default: undefined },
  podLabels: { rule: someLabels, default: { 'app.kubernetes.io/name': 'grafana' } },
  dashboardLabels: { rule: someLabels, default: { grafana_dashboard: '1' } },
  dataSourceLabels: { rule: someLabels, default: { grafana_datasource: '1' } },
  metricsUid: { rule: objectName, default: 'prometheus' },
} satisfies OptionTable<OperatedGrafana>;

/** The options of `prometheusOperator()`. */
export const PROMETHEUS_OPERATOR_OPTIONS = {
  labels: { rule: someLabels },
  namespace: { rule: dnsLabel },
  prometheus: { rule: optionsRule<OperatedPrometheus>(OPERATED_PROMETHEUS), default: {} },
  alertmanager: { rule: optionsRule<OperatedObject>(OPERATED_OBJECT), default: {} },
  grafana: { rule: optionsRule<OperatedGrafana>(OPERATED_GRAFANA), default: {} },
  scrapeInterval: { rule: interval, default: PROMETHEUS_OPTIONS.scrapeInterval.default },
  outOfOrderWindow: { rule: duration, default: PROMETHEUS_OPTIONS.outOfOrderWindow.default },
} satisfies OptionTable<PrometheusOperatorOptions>;

/** `PrometheusOperatorOptions` with defaults. */
export type PrometheusOperatorSettings = Options<
  PrometheusOperatorOptions,
  typeof PROMETHEUS_OPERATOR_OPTIONS
>;

const CHART = 'kube-prometheus-stack';

/**
 * Returns the name of an object of the chart kube-prometheus-stack
 * (https://github.com/prometheus-community/helm-charts/blob/main/charts/kube-prometheus-stack/templates/_helpers.tpl).
 */
export function nameByRelease({ release = CHART }: Readonly<Record<string, string>>, kind: string): string {
  const whole = release.includes(CHART) ? release : `${release}-${CHART}`;
  return `${whole.slice(0, 26).replace(/-$/, '')}-${kind}`;
}
