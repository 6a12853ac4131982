import type { Component } from '../core/component';
import type { Sizing } from '../fleet/sizing';

/** A component that may have a size for the fleet. */
export interface SizedComponent<
  T extends object = object,
  E = object,
  P extends object = object,
  S extends object = object,
> extends Component<T, E> {
  /**
   * Computes replicas, volumes and resources of the component for a fleet.
   * @default - the component has the same size for all fleets
   */
  readonly sizing?: Sizing<P, S>;
}
