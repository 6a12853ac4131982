import type { Construct } from 'constructs';
import type { ExporterSink } from '../contracts/metrics-sink';
import type { Component } from '../core/component';
import type { Toleration } from '../core/kubernetes-rules';
import type { NoOptions, OptionTable } from '../core/option-table';
import type { Device } from './daemon-set';

/** The nodes of a group, as options of everything that runs on them. */
export interface GroupNodes {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly excludedNodes?: Readonly<Record<string, readonly string[]>>;
  readonly tolerations?: readonly Toleration[];
  readonly device?: Device;
  readonly group?: string;
}

/** Name and nodes of an agent: options that every construct of the edge has. */
export interface AgentPlace extends GroupNodes {
  readonly name: string;
  readonly family: string;
}

/**
 * The nodes of one group, on which a component runs its agent.
 *
 * @typeParam O options of the group that it reads
 */
export interface EdgeSide<O extends object = object> {
  readonly options: O;
  /** What exporters hand their metrics to. */
  readonly sink: ExporterSink;
  /** The name that an agent has on these nodes, and which nodes they are; `family` is its name on nodes in no group. */
  placeOf(family: string): AgentPlace;
}

/**
 * A component of the edge.
 *
 * @typeParam T thresholds of its rules
 * @typeParam E what its rules and dashboards have to know of the environment
 * @typeParam O options of an EdgeGroup that it reads
 * @typeParam S settings that it adds for all nodes and for each group
 */
export interface EdgeComponent<
  T extends object = object,
  E = object,
  O extends object = NoOptions,
  S extends object = NoOptions,
> extends Component<T, E> {
  /** Options that it adds to those of an EdgeGroup. @default - none */
  readonly options?: Partial<OptionTable<O>>;
  /** Options of a group of nodes that follow from the settings `nodes` that it adds. */
  optionsFor?(settings: S): Partial<O>;
  /** Makes what runs on the nodes of a group. */
  makeAgents?(scope: Construct, edge: EdgeSide<O>): readonly Construct[];
}
