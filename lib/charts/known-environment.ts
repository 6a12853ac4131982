import type { LogAgent } from '../agents/log-agent';
import type { RuledTargets } from '../core/component';
import type { RuledNodes } from '../edge/ruled-nodes';

/** Properties of an environment that its rules depend on. */
export interface KnownEnvironment extends RuledTargets {
  /** Scrape jobs of the Pushgateways for edge exporters. @default - none */
  readonly exporters?: readonly string[];
  /** Scrape job of the gateway for edge agents. @default - none */
  readonly gateway?: string;
  /** Scrape jobs of the Pushgateways for business services. @default - none */
  readonly services?: readonly string[];
  /**
   * Node groups: their push intervals, which `silentAfter` must exceed, and their uplink budgets.
   * @default - unknown; no alert compares traffic with a budget
   */
  readonly nodes?: readonly RuledNodes[];
  /**
   * Source of the list of nodes: the API server, through kube-state-metrics, or the nodes that send metrics.
   * @default "api-server"
   */
  readonly membership?: 'api-server' | 'pushes';
  /** Log agents of edge nodes in addition to those of the stack. @default - none */
  readonly logAgents?: readonly LogAgent[];
  /** Namespace of the stack's pods on edge nodes. */
  readonly edgeNamespace: string;
  /** Whether the expiry of certificates is scraped. @default false */
  readonly certificates?: boolean;
  /**
   * Namespaces whose access logs contain refused requests: those of the ingress controller and the guards.
   */
  readonly ingressNamespaces: readonly string[];
}
