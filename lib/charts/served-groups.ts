import { defined } from '../core/defined';
import { NODE_GROUP_LABEL } from '../core/placement';
import { completed } from '../edge/daemon-set';
import type { EdgeSettings } from './edge-settings';
import { paced } from './freshness';

/** How the nodes of one group are served, with all that the group leaves to what the edge says. */
export type ServedGroup = Omit<EdgeSettings, 'groups'> & { readonly name: string };

const byKubeEdge = (name: string): Record<string, string> => ({ [NODE_GROUP_LABEL]: name });

/** Nodes in no group, and those of each; how many nodes there are, and which, a group says itself. */
export function servedGroups({
  groups = [],
  ...edge
}: EdgeSettings = {}): readonly [ServedGroup, ...ServedGroup[]] {
  const { group, nodeSelector, fleet, ...shared } = edge;
  return [
    paced({ ...edge, name: group ?? 'others' }),
    ...groups.map(({ nodeSelector: own, ...group }) =>
      paced({
        ...shared,
        ...defined(group),
        name: group.name,
        device: completed(group.device, shared.device),
        group: group.name,
        nodeSelector: own ?? byKubeEdge(group.name),
      }),
    ),
  ];
}
