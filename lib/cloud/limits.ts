import { layered } from '../core/option-table';

/** Limits of a plan: for all nodes and, where groups push as users of their own, for each group. */
interface PlannedLimits<T> {
  readonly limits?: T;
  readonly groupLimits?: Readonly<Record<string, T>>;
}

/** Limits that are given count for all nodes and, where groups have limits of their own, for each group; a plan has the rest. */
export const limitsOf = <T extends object>(
  { limits, groupLimits = {} }: PlannedLimits<T> = {},
  given?: Partial<T>,
) => ({
  limits: layered<T>(given, limits),
  groupLimits: Object.fromEntries(
    Object.entries(groupLimits).map(([group, planned]) => [group, layered<T>(given, planned)]),
  ),
});
