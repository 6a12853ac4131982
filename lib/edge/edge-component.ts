import type { Construct } from 'constructs';
import type { ExporterSink, Transport } from '../contracts/metrics-sink';
import type { Component } from '../core/component';
import type { Toleration } from '../core/kubernetes-rules';
import type { NoOptions, OptionTable } from '../core/option-table';
import type { Device } from './daemon-set';

/** Options that select and describe the nodes of a group. All workloads of the group receive the same values. */
export interface GroupNodes {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly excludedNodes?: Readonly<Record<string, readonly string[]>>;
  readonly tolerations?: readonly Toleration[];
  readonly device?: Device;
  readonly group?: string;
}

/** Name and nodes of an agent. All edge constructs have these options. */
export interface AgentNameAndNodes extends GroupNodes {
  readonly name: string;
  readonly family: string;
}

/**
 * The node group for which a component creates its agents.
 * @typeParam O the options of `EdgeGroup` that the component reads
 */
export interface EdgeGroupContext<O extends object = object> {
  readonly options: O;
  /** Destination of the exporters' metrics: a Pushgateway, or the metrics agent of the group. */
  readonly sink: ExporterSink;
  /**
   * Returns the name of an agent in the node group, and the nodes that run the agent.
   * @param family the agent's name without the group, such as `edge-log-collector`; the agent of group `north` is
   * named `edge-log-collector-north`
   */
  agentNameAndNodes(family: string): AgentNameAndNodes;
}

/** Path of the settings for all nodes or for one group, and the transports that these nodes use. */
export interface NodesSettingsScope {
  /** Path of the settings, such as `settings.edge`. */
  readonly path: string;
  /** Transports of the nodes that the settings apply to. */
  readonly transports: readonly Transport[];
}

/**
 * A component of the edge: its options, settings, rules and dashboards, and the agents that it creates.
 * @typeParam T the thresholds of the component's rules
 * @typeParam E the properties of the environment that the component's rules and dashboards depend on
 * @typeParam O the options of `EdgeGroup` that the component reads
 * @typeParam S the settings of the component, which exist for all nodes and for each node group
 */
export interface EdgeComponent<
  T extends object = object,
  E = object,
  O extends object = NoOptions,
  S extends object = NoOptions,
> extends Component<T, E> {
  /** Options of `EdgeGroup` that configure the component. @default - no options */
  readonly options?: Partial<OptionTable<O>>;
  /** Returns the options of `EdgeGroup` that follow from the component's settings. */
  toGroupOptions?(settings: S): Partial<O>;
  /**
   * Returns an error message for each combination of the component's settings that is not allowed or has no effect.
   * The option table has already validated each single setting.
   */
  nodesSettingsProblems?(settings: S, nodes: NodesSettingsScope): readonly string[];
  /** Creates the agents on the nodes of a group. */
  createAgents?(scope: Construct, edge: EdgeGroupContext<O>): readonly Construct[];
}
