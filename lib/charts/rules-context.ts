import type { LogAgent } from '../agents/log-agent';
import type { RuledTargets } from '../core/component';
import type { RuledNodes } from '../edge/ruled-nodes';

/** Properties of an environment that its rules depend on. */
export interface RulesContext extends RuledTargets {
  /**
   * Names of the scrape jobs of the Pushgateways for edge exporters.
   * @default - no Pushgateway for edge exporters
   */
  readonly exporters?: readonly string[];
  /** Name of the scrape job of the metrics gateway. @default - no metrics gateway */
  readonly gateway?: string;
  /**
   * Names of the scrape jobs of the Pushgateways for business services.
   * @default - no Pushgateway for services
   */
  readonly services?: readonly string[];
  /**
   * Node groups with their push intervals and uplink budgets. The threshold `silentAfter` must be longer than each
   * push interval.
   * @default - no alert compares traffic with a budget
   */
  readonly nodes?: readonly RuledNodes[];
  /**
   * Source of the list of nodes: the API server, through kube-state-metrics, or the nodes that send metrics.
   * @default "api-server"
   */
  readonly membership?: 'api-server' | 'pushes';
  /**
   * Log agents of edge nodes, in addition to the log agent of the stack.
   * @default - no additional log agents
   */
  readonly logAgents?: readonly LogAgent[];
  /** Namespace of the stack's pods on edge nodes. */
  readonly edgeNamespace: string;
  /**
   * Whether the environment scrapes metrics with the expiry of certificates. The alert CertificateExpiring needs these
   * metrics.
   * @default false
   */
  readonly certificates?: boolean;
  /** Namespaces of the ingress controller and of the guards, for alerts about refused requests in access logs. */
  readonly ingressNamespaces: readonly string[];
}
