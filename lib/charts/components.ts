import type { Construct } from 'constructs';
import { ingressComponent } from '../access/component';
import { alertmanagerComponent } from '../cloud/alertmanager';
import type { CloudComponent, CloudSide } from '../cloud/cloud-component';
import { grafanaComponent } from '../cloud/grafana';
import { kubeStateMetricsComponent } from '../cloud/kube-state-metrics';
import { kubeEdgeComponent } from '../cloud/kubeedge';
import { kubernetesComponent } from '../cloud/kubernetes';
import { logCollectorComponent } from '../cloud/log-collector';
import { lokiComponent } from '../cloud/loki';
import { metricsGatewayComponent } from '../cloud/metrics-gateway';
import { cloudNodeExporterComponent } from '../cloud/node-exporter';
import { prometheusComponent } from '../cloud/prometheus';
import { pushgatewayComponent } from '../cloud/pushgateway';
import { type PlannedCapacity, stackComponent } from '../cloud/stack';
import type { AddedSettings } from '../core/component';
import type { Intersection } from '../core/intersection';
import type { ThresholdTable } from '../core/thresholds';
import { EDGE_COMPONENTS } from '../edge/components';
import type { Sizing } from '../fleet/sizing';
import type { KnownEnvironment } from './known-environment';

/**
 * Every component of an environment, in the order of its rules and dashboards. What Prometheus has about itself it adds
 * by itself.
 */
const COMPONENTS = [
  ...EDGE_COMPONENTS,
  prometheusComponent,
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
  stackComponent,
] as const;

/** What the rules and dashboards of any component know of an environment. */
type ShownEnvironment = Partial<KnownEnvironment> & { readonly plan?: PlannedCapacity };

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

/** What all alerts of an environment compare with. */
export interface Thresholds extends AllThresholds {}

/** What each component of the cloud needs for a fleet. */
export type ComponentPlan = Intersection<PlanOf<(typeof COMPONENTS)[number]>>;

/** Sizes of the cloud side; what is undefined is as large as its construct says. */
export type Sizes = Intersection<SizesOf<(typeof COMPONENTS)[number]>>;

/** Settings of an environment that its components are made from. */
export type ComponentSettings = Intersection<SettingsOf<(typeof COMPONENTS)[number]>>;

type AddedBy<C, Part extends keyof AddedSettings> = C extends {
  readonly settings: { readonly [K in Part]: infer Table };
}
  ? Table
  : object;

/**
 * The tables of what all components add to a part of the settings.
 *
 * @param part `own` for settings of a component alone
 */
export const addedSettings = <Part extends keyof AddedSettings>(
  part: Part,
): Intersection<AddedBy<(typeof COMPONENTS)[number], Part>> =>
  Object.assign({}, ...components.map(({ settings }) => settings?.[part]));

/** Every threshold: its default, and what it may be. */
export const THRESHOLDS: ThresholdTable<Thresholds> = Object.assign(
  {},
  ...COMPONENTS.map((component) => 'thresholds' in component && component.thresholds),
);

/** Each component, as one that reads all of them sees it. */
type AnyComponent = Omit<
  CloudComponent<Thresholds, ShownEnvironment, object, Sizes, ComponentSettings>,
  'thresholds' | 'sizing'
> & {
  readonly sizing?: Pick<Sizing<object>, 'needs'> & Omit<Sizing<ComponentPlan>, 'needs'>;
};

/** The components: what gives an environment its rules, its dashboards, its plan and, in the cloud, its constructs. */
export const components: readonly AnyComponent[] = COMPONENTS;
