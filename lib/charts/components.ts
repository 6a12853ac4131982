import type { Construct } from 'constructs';
import { ingressComponent } from '../access/component';
import { alertmanagerComponent } from '../cloud/alertmanager';
import type { CloudComponent, CloudSide } from '../cloud/cloud-component';
import { grafanaComponent } from '../cloud/grafana';
import { hostProbeComponent } from '../cloud/host-probe';
import { kubeStateMetricsComponent } from '../cloud/kube-state-metrics';
import { kubeEdgeComponent } from '../cloud/kubeedge';
import { kubernetesComponent } from '../cloud/kubernetes';
import { logCollectorComponent } from '../cloud/log-collector';
import { lokiComponent } from '../cloud/loki';
import { metricsGatewayComponent } from '../cloud/metrics-gateway';
import { metricsStoreComponent } from '../cloud/metrics-store';
import type { MetricsStoreType } from '../cloud/metrics-store-type';
import { nodeAdmissionComponent } from '../cloud/node-admission';
import { cloudNodeExporterComponent } from '../cloud/node-exporter';
import { pushgatewayComponent } from '../cloud/pushgateway';
import { type PlannedCapacity, stackComponent } from '../cloud/stack';
import type { AddedSettings } from '../core/component';
import type { Intersection } from '../core/intersection';
import type { ThresholdTable } from '../core/thresholds';
import { EDGE_COMPONENTS } from '../edge/components';
import type { Sizing } from '../fleet/sizing';
import type { RulesContext } from './rules-context';

/**
 * All components of an environment. The order of the list is the order of the generated rules and dashboards. The
 * construct of the metrics store adds the rules about the store itself.
 */
const COMPONENTS = [
  ...EDGE_COMPONENTS,
  metricsStoreComponent,
  nodeAdmissionComponent,
  pushgatewayComponent,
  metricsGatewayComponent,
  lokiComponent,
  grafanaComponent,
  alertmanagerComponent,
  kubeStateMetricsComponent,
  cloudNodeExporterComponent,
  logCollectorComponent,
  kubeEdgeComponent,
  kubernetesComponent,
  ingressComponent,
  hostProbeComponent,
  stackComponent,
] as const;

/** Properties of an environment that the rules and dashboards of a component can use. */
type DashboardContext = Partial<RulesContext> & {
  readonly plan?: PlannedCapacity;
  readonly metricsStore?: MetricsStoreType;
};

type ThresholdsOf<C> = C extends { readonly thresholds?: infer Table }
  ? NonNullable<Table> extends ThresholdTable<infer T extends object>
    ? T
    : object
  : never;
type PlanOf<C> = C extends { readonly sizing: Sizing<infer P, infer _> } ? P : never;
type SizesOf<C> = C extends { readonly sizing: Sizing<infer _, infer S> } ? S : never;

type SettingsOf<C> = C extends {
  readonly make: (scope: Construct, cloud: CloudSide<infer S>, ...sizes: never[]) => unknown;
}
  ? S
  : object;

type AllThresholds = Intersection<ThresholdsOf<(typeof COMPONENTS)[number]>>;

/** Thresholds of all alerts of an environment. */
export interface Thresholds extends AllThresholds {}

/** The planned resources of all cloud components. */
export type ComponentPlan = Intersection<PlanOf<(typeof COMPONENTS)[number]>>;

/** Sizes of the cloud components. A construct uses its default size if its size is not set. */
export type Sizes = Intersection<SizesOf<(typeof COMPONENTS)[number]>>;

/** The settings that components add to an environment. */
export type ComponentSettings = Intersection<SettingsOf<(typeof COMPONENTS)[number]>>;

type AddedBy<C, Part extends keyof AddedSettings> = C extends {
  readonly settings: { readonly [K in Part]: infer Table };
}
  ? Table
  : object;

/**
 * Returns the validation rules of all settings that components add to one part of `Settings`.
 * @param part name of the part, such as `hosts`, or `own` for the top level of `Settings`
 */
export const mergeSettingValidationRules = <Part extends keyof AddedSettings>(
  part: Part,
): Intersection<AddedBy<(typeof COMPONENTS)[number], Part>> =>
  Object.assign({}, ...components.map(({ settings }) => settings?.[part]));

/** Default value and allowed range of each alert threshold. */
export const THRESHOLDS: ThresholdTable<Thresholds> = Object.assign(
  {},
  ...COMPONENTS.map((component) => 'thresholds' in component && component.thresholds),
);

/**
 * Common type of all entries of the list `components`. The functions of each entry accept the thresholds, sizes and
 * settings of all components, so a loop can pass the same arguments to each entry.
 */
type AnyComponent = Omit<
  CloudComponent<Thresholds, DashboardContext, object, Sizes, ComponentSettings>,
  'thresholds' | 'sizing'
> & {
  readonly sizing?: Pick<Sizing<object>, 'needs'> & Omit<Sizing<ComponentPlan>, 'needs'>;
};

/** All components, which provide the rules, dashboards, planned resources and cloud constructs of an environment. */
export const components: readonly AnyComponent[] = COMPONENTS;
