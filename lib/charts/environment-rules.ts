import {
  certificateRules,
  INGRESS_THRESHOLDS,
  type IngressThresholds,
  loginRules,
} from '../access/ingress.rules';
import type { LogAgent } from '../agents/log-agent';
import { logAgentsWith } from '../agents/log-agents';
import { alertmanagerRules } from '../cloud/alertmanager';
import { KUBEEDGE_THRESHOLDS, type KubeEdgeThresholds, kubeEdgeRules } from '../cloud/kubeedge';
import { KUBERNETES_THRESHOLDS, type KubernetesThresholds, kubernetesRules } from '../cloud/kubernetes';
import { logCollectorRules } from '../cloud/log-collector';
import { LOKI_THRESHOLDS, type LokiThresholds, lokiRules } from '../cloud/loki';
import { GATEWAY_THRESHOLDS, type GatewayThresholds, metricsGatewayRules } from '../cloud/metrics-gateway';
import { PUSHGATEWAY_THRESHOLDS, type PushgatewayThresholds, pushgatewayRules } from '../cloud/pushgateway';
import { stackRules } from '../cloud/stack';
import type { RuleSource } from '../contracts/rules';
import type { RuleOptions } from '../core/rule-set';
import type { ThresholdTable } from '../core/thresholds';
import { AGENT_THRESHOLDS, type AgentThresholds, agentRules } from '../edge/agent';
import type { ReceiverNames } from '../edge/fleet';
import { REACHABILITY_THRESHOLDS, type ReachabilityThresholds, reachabilityRules } from '../edge/fleet';
import { LOG_THRESHOLDS, type LogThresholds, logRules } from '../edge/log-collector';
import {
  STORAGE_THRESHOLDS,
  type StorageThresholds,
  SYSTEM_THRESHOLDS,
  type SystemThresholds,
  storageRules,
  systemRules,
  UPLINK_THRESHOLDS,
  type UplinkThresholds,
  uplinkRules,
} from '../edge/node-exporter';
import { containerRules, POD_THRESHOLDS, type PodThresholds, podRules } from '../edge/pods';
import { type RuledNodes, verifyNodes } from '../edge/ruled-nodes';

/** What all alerts of an environment compare with. */
export type Thresholds = ReachabilityThresholds &
  StorageThresholds &
  SystemThresholds &
  UplinkThresholds &
  PodThresholds &
  AgentThresholds &
  LogThresholds &
  IngressThresholds &
  PushgatewayThresholds &
  GatewayThresholds &
  LokiThresholds &
  KubeEdgeThresholds &
  KubernetesThresholds;

/** Every threshold: its default, and what it may be. */
export const THRESHOLDS: ThresholdTable<Thresholds> = {
  ...REACHABILITY_THRESHOLDS,
  ...STORAGE_THRESHOLDS,
  ...SYSTEM_THRESHOLDS,
  ...UPLINK_THRESHOLDS,
  ...POD_THRESHOLDS,
  ...AGENT_THRESHOLDS,
  ...LOG_THRESHOLDS,
  ...INGRESS_THRESHOLDS,
  ...PUSHGATEWAY_THRESHOLDS,
  ...GATEWAY_THRESHOLDS,
  ...LOKI_THRESHOLDS,
  ...KUBEEDGE_THRESHOLDS,
  ...KUBERNETES_THRESHOLDS,
};

/** What an environment is made of, as its rules have to know it. */
export interface RuledEnvironment {
  /** From which figures on alerts fire. @default - those of docs/alerts.md */
  readonly thresholds?: Partial<Thresholds>;
  /** Jobs of the Pushgateways that exporters of the edge push to. @default - none */
  readonly exporters?: readonly string[];
  /** Job of the gateway that agents of the edge write to. @default - none */
  readonly gateway?: string;
  /** Jobs of the Pushgateways of business services. @default - none */
  readonly services?: readonly string[];
  /**
   * The nodes of each group: how often they are heard of, with which `silentAfter` is compared, and what they may send.
   * @default - nobody knows them, and no alert is raised by what this stack sends
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

/** Rules by who evaluates them. */
export interface EnvironmentRules {
  /** In PromQL, for `prometheus.addRules`. */
  readonly prometheus: readonly RuleSource[];
  /** In LogQL, for `loki.addRules`. */
  readonly loki: readonly RuleSource[];
}

/**
 * Every rule about an environment, but those that Prometheus has about itself.
 *
 * @throws InvalidOptionError when a threshold, or what is said of nodes, is not allowed, or when `silentAfter` is too
 * short for some of them.
 */
export function environmentRules(environment: RuledEnvironment): EnvironmentRules {
  const {
    thresholds,
    exporters = [],
    gateway,
    services = [],
    nodes = [],
    edgeNamespace,
    ingressNamespaces,
  } = environment;
  verifyNodes('rules', nodes);
  const logAgents = logAgentsWith(environment.logAgents);
  const receivers: ReceiverNames = {
    pushgateways: exporters,
    gateways: gateway ? [gateway] : [],
    ...(environment.membership === 'pushes' && { kubeStateMetrics: false }),
  };
  return {
    prometheus: [
      reachabilityRules(thresholds, receivers, nodes),
      storageRules(thresholds, nodes),
      systemRules(thresholds),
      uplinkRules(thresholds, nodes, logAgents),
      podRules(thresholds, edgeNamespace),
      ...(exporters.length + services.length ? [pushgatewayRules(thresholds, { exporters, services })] : []),
      // Agents say how they are, and read the kubelets: who pushes does neither.
      ...(gateway
        ? [
            containerRules(thresholds),
            agentRules(thresholds, logAgents),
            metricsGatewayRules(thresholds, { job: gateway }),
          ]
        : []),
      lokiRules(thresholds),
      logCollectorRules(),
      alertmanagerRules(),
      stackRules(),
      kubeEdgeRules(thresholds),
      kubernetesRules(thresholds),
      ...(environment.certificates ? [certificateRules(thresholds)] : []),
    ],
    loki: [logRules(thresholds), loginRules(thresholds, ingressNamespaces.join('|'))],
  };
}

/**
 * Changes of alerts by who evaluates them: Loki's its own, and Prometheus all others, so that it tells of those
 * that are not there.
 */
export function optionsFor(
  { loki }: EnvironmentRules,
  { overrides = {}, runbooks }: RuleOptions = {},
): { readonly prometheus: RuleOptions; readonly loki: RuleOptions } {
  const groups = loki.flatMap(({ ruleGroups }) => ruleGroups);
  const names = groups.flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : [])));
  const only = (isLokis: boolean): RuleOptions => ({
    runbooks,
    overrides: Object.fromEntries(
      Object.entries(overrides).filter(([name]) => names.includes(name) === isLokis),
    ),
  });
  return { prometheus: only(false), loki: only(true) };
}
