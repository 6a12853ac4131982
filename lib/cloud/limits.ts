import { mergeOptionsPreferringFirst } from '../core/option-table';

/**
 * Limits of a component that were computed for the fleet: for all nodes together (`limits`), and for each group by the
 * group's name (`groupLimits`). Groups have their own limits only if each group has a separate user.
 */
interface PlannedLimits<T> {
  readonly limits?: T;
  readonly groupLimits?: Readonly<Record<string, T>>;
}

/**
 * Returns the limits for all nodes together (`limits`) and for each group (`groupLimits`). A limit in the settings
 * replaces the computed limit, both for all nodes and for every group.
 * @param given limits in the settings
 */
export const overridePlannedLimitsWithSettings = <T extends object>(
  { limits, groupLimits = {} }: PlannedLimits<T> = {},
  given?: Partial<T>,
) => ({
  limits: mergeOptionsPreferringFirst<T>(given, limits),
  groupLimits: Object.fromEntries(
    Object.entries(groupLimits).map(([group, planned]) => [
      group,
      mergeOptionsPreferringFirst<T>(given, planned),
    ]),
  ),
});
