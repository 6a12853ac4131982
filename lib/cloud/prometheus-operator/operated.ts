import type { NetworkPeer } from '../../contracts/network';
import type { PrometheusOperatorSettings } from './options';
import { kubePrometheusStackObjectName } from './options';

/** A Prometheus or Alertmanager that a Prometheus Operator runs: its pods and addresses. */
export interface OperatorManagedPods {
  readonly name: string;
  readonly namespace: string;
  /** Name of each pod of the Prometheus or Alertmanager. */
  readonly pods: readonly string[];
  /** Address (`host:port`) of each pod. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly peer: NetworkPeer;
}

const PORTS = { prometheus: 9090, alertmanager: 9093 };

/**
 * Returns the pods and addresses of the Prometheus or Alertmanager that the options name. Each pod has a DNS
 * name in the operator's headless Service, such as `prometheus-k8s-0.prometheus-operated.monitoring.svc`.
 */
export function operatorManagedPods(
  kind: keyof typeof PORTS,
  options: PrometheusOperatorSettings,
): OperatorManagedPods {
  const { labels, namespace } = options;
  const { name = kubePrometheusStackObjectName(labels, kind), replicas = 1 } = options[kind];
  const port = PORTS[kind];
  const pods = Array.from({ length: replicas }, (_, ordinal) => `${kind}-${name}-${ordinal}`);
  return {
    name,
    namespace,
    pods,
    addresses: pods.map((pod) => `${pod}.${kind}-operated.${namespace}.svc:${port}`),
    port,
    peer: {
      namespace,
      podLabels: { 'app.kubernetes.io/name': kind, 'app.kubernetes.io/instance': name },
    },
  };
}
