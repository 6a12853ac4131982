import type { Component } from '../core/component';
import type { Sizing } from '../fleet/sizing';

/** A component whose size depends on the fleet. */
export interface SizedComponent<
  T extends object = object,
  E = object,
  P extends object = object,
  S extends object = object,
> extends Component<T, E> {
  /** Computes its size for a fleet. @default - the size is the same for all fleets */
  readonly sizing?: Sizing<P, S>;
}
