import type { Component } from '../core/component';
import type { Sizing } from '../fleet/sizing';

/** A component that grows with the fleet. */
export interface SizedComponent<
  T extends object = object,
  E = object,
  P extends object = object,
  S extends object = object,
> extends Component<T, E> {
  /** What it needs for a fleet. @default - the same for all fleets */
  readonly sizing?: Sizing<P, S>;
}
