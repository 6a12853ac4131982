import type { Construct } from 'constructs';
import type { ScrapeTarget } from '../contracts/scrape-target';
import type { LokiStack } from './loki';
import type { SizedComponent } from './sized-component';

/** What a component of the cloud side is given that needs no settings of its own. */
export interface CloudSide {
  /** Where log lines go. */
  readonly loki: LokiStack;
  /** Labels of nodes by which groups of edge nodes are told apart. */
  readonly nodeLabels: readonly string[];
}

/** A component of the cloud side. */
export interface CloudComponent<
  T extends object = object,
  E = object,
  P extends object = object,
  S extends object = object,
> extends SizedComponent<T, E, P, S> {
  /**
   * Makes it, where it needs no settings of its own; the chart then connects it.
   *
   * @param sizes what the fleet needs; undefined without `fleet`
   */
  make?(scope: Construct, cloud: CloudSide, sizes: Partial<S>): ScrapeTarget;
}
