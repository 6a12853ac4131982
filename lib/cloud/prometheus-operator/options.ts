import { dnsLabel, duration, interval, labels, objectName, wholeNumberRule } from '../../core/option-rules';
import { type Options, type OptionTable, optionsRule } from '../../core/option-table';
import type { Duration } from '../../core/units';
import type { Rule } from '../../core/validation';
import { storeReplicas } from '../../fleet/fleet';
import { PROMETHEUS_OPTIONS } from '../prometheus';

/** A Prometheus or Alertmanager object of the Prometheus Operator. */
export interface OperatedObject {
  /**
   * Name of the object.
   * @default - the name of the object that kube-prometheus-stack creates. The name depends on the Helm
   * release, which is the value of the label `release` in the option `labels`. Without this label, the
   * release is `kube-prometheus-stack`
   */
  readonly name?: string;
  /** Number of replicas in the object's spec. @default 1 */
  readonly replicas?: number;
}

/** The Prometheus object, whose pods scrape targets and evaluate rules. */
export interface OperatedPrometheus extends OperatedObject {
  /** Name of Prometheus's service account. @default - the name of the Prometheus object */
  readonly serviceAccountName?: string;
}

/** A Grafana whose sidecar loads dashboards and data sources from labeled ConfigMaps. */
export interface OperatedGrafana {
  /** Namespace of Grafana's pods. @default - the namespace of Prometheus */
  readonly namespace?: string;
  /** Labels of Grafana's pods, for network policies. @default - `{ 'app.kubernetes.io/name': 'grafana' }` */
  readonly podLabels?: Readonly<Record<string, string>>;
  /**
   * Labels by which Grafana's sidecar finds ConfigMaps with dashboards.
   * @default - `{ grafana_dashboard: '1' }`
   */
  readonly dashboardLabels?: Readonly<Record<string, string>>;
  /**
   * Labels by which Grafana's sidecar finds ConfigMaps with data sources.
   * @default - `{ grafana_datasource: '1' }`
   */
  readonly dataSourceLabels?: Readonly<Record<string, string>>;
  /** Unique identifier (uid) of the data source for Prometheus in Grafana. @default "prometheus" */
  readonly metricsUid?: string;
}

/** Options of `prometheusOperator()`. */
export interface PrometheusOperatorOptions {
  /**
   * Labels of the ScrapeConfigs and PrometheusRules. The selectors of the Prometheus object must match these
   * labels. For a Helm release with the name kube-prometheus-stack, set `{ release: 'kube-prometheus-stack'
   * }`.
   */
  readonly labels: Readonly<Record<string, string>>;
  /** Namespace of the Prometheus and Alertmanager objects. */
  readonly namespace: string;
  /** The Prometheus object. @default - the Prometheus of kube-prometheus-stack, with one replica */
  readonly prometheus?: OperatedPrometheus;
  /** The Alertmanager object. @default - the Alertmanager of kube-prometheus-stack, with one replica */
  readonly alertmanager?: OperatedObject;
  /** The Grafana for dashboards and data sources. @default - the Grafana of kube-prometheus-stack */
  readonly grafana?: OperatedGrafana;
  /** Default scrape interval, and evaluation interval of rules. @default "30s" */
  readonly scrapeInterval?: Duration;
  /**
   * Out-of-order window: how late a sample may arrive. Set it to at least the longest outage after which no
   * samples may be lost. In the Prometheus object, set `tsdb.outOfOrderTimeWindow` to this value plus ten
   * minutes.
   * @default "2h"
   */
  readonly outOfOrderWindow?: Duration;
}

/**
 * Validation rule for labels that select objects. At least one label is required, because an empty selector
 * would select every object.
 */
const someLabels: Rule = {
  allowed: `${labels.allowed}; at least one label`,
  accepts: (value) => labels.accepts(value) && Object.keys(Object(value)).length > 0,
};

/** Validation rules and defaults of the fields in the option `alertmanager` of `prometheusOperator()`. */
export const OPERATED_OBJECT = {
  name: { rule: objectName, default: undefined },
  replicas: { rule: wholeNumberRule(1, 9), default: 1 },
} satisfies OptionTable<OperatedObject>;

/** Validation rules and defaults of the fields in the option `prometheus` of `prometheusOperator()`. */
export const OPERATED_PROMETHEUS = {
  ...OPERATED_OBJECT,
  replicas: { rule: storeReplicas, default: 1 },
  serviceAccountName: { rule: objectName, default: undefined },
} satisfies OptionTable<OperatedPrometheus>;

/** Validation rules and defaults of the fields in the option `grafana` of `prometheusOperator()`. */
export const OPERATED_GRAFANA = {
  namespace: { rule: dnsLabel, default: undefined },
  podLabels: { rule: someLabels, default: { 'app.kubernetes.io/name': 'grafana' } },
  dashboardLabels: { rule: someLabels, default: { grafana_dashboard: '1' } },
  dataSourceLabels: { rule: someLabels, default: { grafana_datasource: '1' } },
  metricsUid: { rule: objectName, default: 'prometheus' },
} satisfies OptionTable<OperatedGrafana>;

/** Validation rule and default of each option of `prometheusOperator()`. */
export const PROMETHEUS_OPERATOR_OPTIONS = {
  labels: { rule: someLabels },
  namespace: { rule: dnsLabel },
  prometheus: { rule: optionsRule<OperatedPrometheus>(OPERATED_PROMETHEUS), default: {} },
  alertmanager: { rule: optionsRule<OperatedObject>(OPERATED_OBJECT), default: {} },
  grafana: { rule: optionsRule<OperatedGrafana>(OPERATED_GRAFANA), default: {} },
  scrapeInterval: { rule: interval, default: PROMETHEUS_OPTIONS.scrapeInterval.default },
  outOfOrderWindow: { rule: duration, default: PROMETHEUS_OPTIONS.outOfOrderWindow.default },
} satisfies OptionTable<PrometheusOperatorOptions>;

/** `PrometheusOperatorOptions` with all defaults filled in. */
export type PrometheusOperatorSettings = Options<
  PrometheusOperatorOptions,
  typeof PROMETHEUS_OPERATOR_OPTIONS
>;

const HELM_CHART = 'kube-prometheus-stack';

/**
 * Returns the name that kube-prometheus-stack gives an object, such as the Prometheus object. The name starts
 * with the name of the Helm release, which is the value of the label `release`. Without this label, the
 * release is `kube-prometheus-stack`. Source:
 * https://github.com/prometheus-community/helm-charts/blob/main/charts/kube-prometheus-stack/templates/_helpers.tpl
 * @param kind kind of the object in lower case, such as `prometheus`
 */
export function kubePrometheusStackObjectName(
  { release = HELM_CHART }: Readonly<Record<string, string>>,
  kind: string,
): string {
  const whole = release.includes(HELM_CHART) ? release : `${release}-${HELM_CHART}`;
  return `${whole.slice(0, 26).replace(/-$/, '')}-${kind}`;
}
