import type { Construct } from 'constructs';
import type { ExporterSink, Transport } from '../contracts/metrics-sink';
import type { Component } from '../core/component';
import type { Toleration } from '../core/kubernetes-rules';
import type { NoOptions, OptionTable } from '../core/option-table';
import type { Device } from './daemon-set';

/** The nodes of a group, as options of all their workloads. */
export interface GroupNodes {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly excludedNodes?: Readonly<Record<string, readonly string[]>>;
  readonly tolerations?: readonly Toleration[];
  readonly device?: Device;
  readonly group?: string;
}

/** Name and nodes of an agent: options that all edge constructs share. */
export interface AgentPlace extends GroupNodes {
  readonly name: string;
  readonly family: string;
}

/**
 * The nodes of a group, in which a component creates its agent.
 * @typeParam O the options of the group that it reads
 */
export interface EdgeSide<O extends object = object> {
  readonly options: O;
  /** Destination of the exporters' metrics. */
  readonly sink: ExporterSink;
  /** Returns the name and nodes of an agent of this group; `family` is its name for nodes without a group. */
  agentPlace(family: string): AgentPlace;
}

/** The place of settings for all nodes or for a group, and the nodes that have them. */
export interface NodesSettings {
  /** Path of the settings, such as `settings.edge`. */
  readonly path: string;
  /** Transports of the nodes. */
  readonly transports: readonly Transport[];
}

/**
 * A component of the edge.
 * @typeParam T the thresholds of its rules
 * @typeParam E the properties of the environment that its rules and dashboards depend on
 * @typeParam O the options of an EdgeGroup that it reads
 * @typeParam S the settings that it adds for all nodes and for each group
 */
export interface EdgeComponent<
  T extends object = object,
  E = object,
  O extends object = NoOptions,
  S extends object = NoOptions,
> extends Component<T, E> {
  /** Options that it adds to those of an EdgeGroup. @default - none */
  readonly options?: Partial<OptionTable<O>>;
  /** Returns options of a node group for the `nodes` settings that the component adds. */
  optionsFor?(settings: S): Partial<O>;
  /**
   * Returns an error for each combination of the settings that it adds that is not allowed or has no effect.
   * Each setting is valid on its own.
   */
  nodesProblems?(settings: S, nodes: NodesSettings): readonly string[];
  /** Creates the agents on the nodes of a group. */
  makeAgents?(scope: Construct, edge: EdgeSide<O>): readonly Construct[];
}
