import type { IConstruct } from 'constructs';

/** Requirements of an environment for a Prometheus object of the Prometheus Operator, which its manifests do not contain. */
export interface RequiredPrometheus {
  readonly name: string;
  readonly namespace: string;
  readonly replicas: number;
  /** Minimum of `tsdb.outOfOrderTimeWindow`. */
  readonly outOfOrderSeconds: number;
  /** Labels of the ScrapeConfigs and PrometheusRules, and their namespace: the selectors must match both. */
  readonly labels: Readonly<Record<string, string>>;
  readonly ownNamespace: string;
  /** The ConfigMap with the values for the chart kube-prometheus-stack. */
  readonly valuesName: string;
}

const required = new WeakMap<IConstruct, RequiredPrometheus[]>();

/** Registers a required Prometheus object, for the commands `plan`, `apply` and `doctor`. */
export function requirePrometheus({ node: { root } }: IConstruct, one: RequiredPrometheus): void {
  required.set(root, [...(required.get(root) ?? []), one]);
}

/** Returns the Prometheus objects that the environments of an app require. */
export const requiredPrometheus = (root: IConstruct): readonly RequiredPrometheus[] =>
  required.get(root) ?? [];

/** Returns what to set in a Prometheus object, as lines for a terminal. */
export function prometheusInstructions(one: RequiredPrometheus): string {
  const { namespace, name, ownNamespace, outOfOrderSeconds, valuesName, replicas } = one;
  return [
    `Set in the Prometheus object ${namespace}/${name}, or below prometheus.prometheusSpec in the values of kube-prometheus-stack:`,
    '  enableRemoteWriteReceiver: true',
    `  tsdb: { outOfOrderTimeWindow: ${outOfOrderSeconds}s }`,
    `  replicas: ${replicas}`,
    `All values, with inhibition rules for Alertmanager: kubectl -n ${ownNamespace} get configmap ${valuesName} -o jsonpath='{.data.values\\.yaml}'`,
  ].join('\n');
}
