import { omitUndefined } from '../core/defined';
import { NODE_GROUP_LABEL } from '../core/placement';
import { completed } from '../edge/daemon-set';
import type { EdgeSettings } from './edge-settings';
import { applyFreshness } from './freshness';

/** Settings of a node group, completed by those of all edge nodes. */
export type ServedGroup = Omit<EdgeSettings, 'groups'> & { readonly name: string };

const nodeGroupSelector = (name: string): Record<string, string> => ({ [NODE_GROUP_LABEL]: name });

/**
 * Returns the settings of the nodes without a group, then those of each group. A group inherits the settings of
 * `edge`, except `fleet` and `nodeSelector`.
 */
export function servedGroups({
  groups = [],
  ...edge
}: EdgeSettings = {}): readonly [ServedGroup, ...ServedGroup[]] {
  const { group, nodeSelector, fleet, ...shared } = edge;
  return [
    applyFreshness({ ...edge, name: group ?? 'others' }),
    ...groups.map(({ nodeSelector: own, ...group }) =>
      applyFreshness({
        ...shared,
        ...omitUndefined(group),
        name: group.name,
        device: completed(group.device, shared.device),
        group: group.name,
        nodeSelector: own ?? nodeGroupSelector(group.name),
      }),
    ),
  ];
}
