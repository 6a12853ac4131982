import type { Intersection } from '../core/intersection';
import type { EdgeComponent, EdgeSide } from './edge-component';
import { exporterComponent } from './exporter';
import { fleetComponent } from './fleet';
import { edgeLogCollectorComponent } from './log-collector';
import { metricsAgentComponent } from './metrics-agent';
import { nodeExporterComponent } from './node-exporter';
import { podsComponent } from './pods';

/**
 * Every component of the edge, in the order of its rules and dashboards. Each may use those before it:
 * exporters register with the metrics agent.
 */
export const EDGE_COMPONENTS = [
  fleetComponent,
  metricsAgentComponent,
  nodeExporterComponent,
  podsComponent,
  exporterComponent,
  edgeLogCollectorComponent,
] as const;

type Listed = (typeof EDGE_COMPONENTS)[number];

type OptionsOf<C> = C extends { readonly makeAgents: (scope: never, edge: EdgeSide<infer O>) => unknown }
  ? O
  : object;
type SettingsOf<C> = C extends { readonly optionsFor: (settings: infer S) => unknown } ? S : object;
type TableOf<C> = C extends { readonly options: infer Table } ? Table : object;

/** Options of an EdgeGroup that its components read. */
export type ComponentOptions = Intersection<OptionsOf<Listed>>;

/** Option tables of the options that the components add. */
export const COMPONENT_OPTIONS: Intersection<TableOf<Listed>> = Object.assign(
  {},
  ...EDGE_COMPONENTS.map((component) => 'options' in component && component.options),
);

/** Settings that components of the edge add, for all nodes and for each group. */
export type EdgeComponentSettings = Intersection<SettingsOf<Listed>>;

/** The components, each of which creates its agents for a node group. */
export const edgeComponents: readonly EdgeComponent<
  object,
  object,
  ComponentOptions,
  EdgeComponentSettings
>[] = EDGE_COMPONENTS;
