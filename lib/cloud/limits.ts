import { mergeLayers } from '../core/option-table';

/** Planned limits: for all nodes and, where groups have users of their own, for each group. */
interface PlannedLimits<T> {
  readonly limits?: T;
  readonly groupLimits?: Readonly<Record<string, T>>;
}

/**
 * Merges given limits into the planned ones: those of all nodes and, where groups have limits of their own,
 * those of each group.
 */
export const mergePlannedLimits = <T extends object>(
  { limits, groupLimits = {} }: PlannedLimits<T> = {},
  given?: Partial<T>,
) => ({
  limits: mergeLayers<T>(given, limits),
  groupLimits: Object.fromEntries(
    Object.entries(groupLimits).map(([group, planned]) => [group, mergeLayers<T>(given, planned)]),
  ),
});
