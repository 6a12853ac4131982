import type { Intersection } from '../core/intersection';
import type { EdgeComponent, EdgeGroupContext } from './edge-component';
import { exporterComponent } from './exporter';
import { fleetComponent } from './fleet';
import { edgeLogCollectorComponent } from './log-collector';
import { metricsAgentComponent } from './metrics-agent';
import { nodeExporterComponent } from './node-exporter';
import { podsComponent } from './pods';

/**
 * All components of the edge, in the order of their rules and dashboards. A component can use the agents of the
 * components that come earlier in the list. For example, exporters register with the metrics agent, which is created
 * first.
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

type OptionsOf<C> = C extends {
  readonly createAgents: (scope: never, edge: EdgeGroupContext<infer O>) => unknown;
}
  ? O
  : object;
type SettingsOf<C> = C extends { readonly toGroupOptions: (settings: infer S) => unknown } ? S : object;
type TableOf<C> = C extends { readonly options: infer Table } ? Table : object;

/** Options of `EdgeGroup` that at least one component reads. */
export type ComponentOptions = Intersection<OptionsOf<Listed>>;

/** Option table (rules and defaults) of the options that the components add to `EdgeGroup`. */
export const COMPONENT_OPTIONS: Intersection<TableOf<Listed>> = Object.assign(
  {},
  ...EDGE_COMPONENTS.map((component) => 'options' in component && component.options),
);

/** Settings that the edge components add to `edge` (all nodes) and to each entry of `edge.groups`. */
export type EdgeComponentSettings = Intersection<SettingsOf<Listed>>;

/** `EDGE_COMPONENTS` with one common type, for code that calls every component. */
export const edgeComponents: readonly EdgeComponent<
  object,
  object,
  ComponentOptions,
  EdgeComponentSettings
>[] = EDGE_COMPONENTS;
