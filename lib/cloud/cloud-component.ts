import type { Construct } from 'constructs';
import type { ScrapeTarget } from '../contracts/scrape-target';
import type { Component } from '../core/component';
import type { Resources } from '../core/pods';
import type { Sizing } from '../fleet/sizing';
import type { LokiStack } from './loki';

/** What a component of the cloud side is given that needs no settings of its own. */
export interface CloudSide {
  /** Where log lines go. */
  readonly loki: LokiStack;
  /** Labels of nodes by which groups of edge nodes are told apart. */
  readonly nodeLabels: readonly string[];
  /** What the fleet needs, by component. @default - nobody knows the fleet: constructs have their own sizes */
  readonly sizes: { readonly kubeStateMetrics?: { readonly resources: Resources } };
}

/** A component of the cloud side. */
export interface CloudComponent<T extends object = object, E = object, P extends object = object>
  extends Component<T, E> {
  /** What it needs for a fleet. @default - the same for all fleets */
  readonly sizing?: Sizing<P>;
  /** Makes it, where it needs no settings of its own; the chart then has Prometheus read it. */
  make?(scope: Construct, cloud: CloudSide): ScrapeTarget;
}
