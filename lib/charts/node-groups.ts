import { omitUndefined } from '../core/defined';
import { NODE_GROUP_LABEL } from '../core/placement';
import { mergeDeviceProperties } from '../edge/daemon-set';
import type { EdgeSettings } from './edge-settings';
import { expandFreshnessSetting } from './freshness';

/** Settings of a node group, including the settings that it inherits from `edge`. */
export type ResolvedNodeGroup = Omit<EdgeSettings, 'groups'> & { readonly name: string };

const defaultNodeSelector = (name: string): Record<string, string> => ({ [NODE_GROUP_LABEL]: name });

/**
 * Returns the settings of the nodes that belong to no group, followed by the settings of each group, with the
 * options that the group inherits from `edge`. The doc comment of `EdgeGroupSettings` says which options are inherited.
 */
export function nodeGroupsWithInheritedSettings({
  groups = [],
  ...edge
}: EdgeSettings = {}): readonly [ResolvedNodeGroup, ...ResolvedNodeGroup[]] {
  const { group, nodeSelector, fleet, ...shared } = edge;
  return [
    expandFreshnessSetting({ ...edge, name: group ?? 'others' }),
    ...groups.map(({ nodeSelector: own, ...group }) =>
      expandFreshnessSetting({
        ...shared,
        ...omitUndefined(group),
        name: group.name,
        device: mergeDeviceProperties(group.device, shared.device),
        group: group.name,
        nodeSelector: own ?? defaultNodeSelector(group.name),
      }),
    ),
  ];
}
