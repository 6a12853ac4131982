import type { Component } from '../core/component';
import type { Sizing } from '../fleet/sizing';

/** A component with an optional function (`sizing`) that computes the component's size for a fleet. */
export interface SizedComponent<
  T extends object = object,
  E = object,
  P extends object = object,
  S extends object = object,
> extends Component<T, E> {
  /**
   * Computes replicas, volumes and resources of the component for a fleet.
   * @default - the size of the component does not depend on the fleet
   */
  readonly sizing?: Sizing<P, S>;
}
