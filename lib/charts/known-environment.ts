import type { LogAgent } from '../agents/log-agent';
import type { RuledTargets } from '../core/component';
import type { RuledNodes } from '../edge/ruled-nodes';

/** What an environment runs, as its rules have to know it. */
export interface KnownEnvironment extends RuledTargets {
  /** Jobs of the Pushgateways that exporters of the edge push to. @default - none */
  readonly exporters?: readonly string[];
  /** Job of the gateway that agents of the edge write to. @default - none */
  readonly gateway?: string;
  /** Jobs of the Pushgateways of business services. @default - none */
  readonly services?: readonly string[];
  /**
   * The nodes of each group: how often they send, which `silentAfter` has to exceed, and what they may send.
   * @default - not known: no alert compares what nodes send with a budget
   */
  readonly nodes?: readonly RuledNodes[];
  /**
   * What says which nodes the fleet has: the API server, by kube-state-metrics, or whatever sends metrics.
   * @default "api-server"
   */
  readonly membership?: 'api-server' | 'pushes';
  /** Log agents that edge nodes run beside those of the stack. @default - none */
  readonly logAgents?: readonly LogAgent[];
  /** Namespace of the stack's pods at the edge. */
  readonly edgeNamespace: string;
  /** Whether something is read that says when certificates end. @default false */
  readonly certificates?: boolean;
  /** Namespaces whose containers log who was refused: the ingress controller's and the guards'. */
  readonly ingressNamespaces: readonly string[];
}
