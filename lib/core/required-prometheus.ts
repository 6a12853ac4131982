import type { IConstruct } from 'constructs';

/**
 * Fields that an environment requires in the Prometheus object, a custom resource of the Prometheus Operator. The
 * manifests do not contain the object: the user creates it.
 */
export interface RequiredPrometheus {
  /** Name of the Prometheus object. */
  readonly name: string;
  /** Namespace of the Prometheus object. */
  readonly namespace: string;
  /** Number of replicas that the environment expects. */
  readonly replicas: number;
  /** Minimum of `tsdb.outOfOrderTimeWindow`, in seconds. */
  readonly outOfOrderSeconds: number;
  /**
   * Labels of the environment's ScrapeConfigs and PrometheusRules. The selectors of the Prometheus object must
   * match them.
   */
  readonly labels: Readonly<Record<string, string>>;
  /**
   * Namespace of the environment's ScrapeConfigs and PrometheusRules. The namespace selectors of the Prometheus
   * object must match it.
   */
  readonly ownNamespace: string;
  /** Name of the ConfigMap with Helm values for kube-prometheus-stack. */
  readonly valuesName: string;
}

const requirementsByApp = new WeakMap<IConstruct, RequiredPrometheus[]>();

/**
 * Registers the requirements for an existing Prometheus object. The commands `plan`, `apply` and `doctor` read the
 * requirements.
 */
export function registerRequiredPrometheusObject(
  { node: { root } }: IConstruct,
  one: RequiredPrometheus,
): void {
  requirementsByApp.set(root, [...(requirementsByApp.get(root) ?? []), one]);
}

/**
 * Returns the requirements that an app has for existing Prometheus objects (`prometheusOperator()`). The list is
 * empty for an app without such objects.
 */
export const requiredPrometheusObjectsOfApp = (root: IConstruct): readonly RequiredPrometheus[] =>
  requirementsByApp.get(root) ?? [];

/**
 * Returns instructions for a terminal: the fields to set in a Prometheus object, and the command that prints all
 * values.
 */
export function formatPrometheusSetupInstructions(one: RequiredPrometheus): string {
  const { namespace, name, ownNamespace, outOfOrderSeconds, valuesName, replicas } = one;
  return [
    `Set these fields in the Prometheus object ${namespace}/${name}, or below prometheus.prometheusSpec in the values of kube-prometheus-stack:`,
    '  enableRemoteWriteReceiver: true',
    `  tsdb: { outOfOrderTimeWindow: ${outOfOrderSeconds}s }`,
    `  replicas: ${replicas}`,
    `To print all values, including the inhibition rules for Alertmanager: kubectl -n ${ownNamespace} get configmap ${valuesName} -o jsonpath='{.data.values\\.yaml}'`,
  ].join('\n');
}
