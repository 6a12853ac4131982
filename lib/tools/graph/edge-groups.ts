import { groupBy } from '../synthesis/group-by';
import type { Workload } from './workload';

/** A workload in the graph. It can represent several workloads that run the same programs, one for each node group. */
export interface DrawnWorkload extends Workload {
  /** Title of the frame around the workload, such as `each edge node of north, south`. */
  readonly frame: string;
  /** IDs of the workloads that this workload represents, as `namespace/name`. */
  readonly ids: readonly string[];
}

/** Combines the workloads of node groups that run the same programs, so that the graph shows each program once. */
export function combineNodeGroupsWithSamePrograms(workloads: readonly Workload[]): DrawnWorkload[] {
  const inCloud = workloads.filter(({ nodes }) => nodes !== 'edge');
  const groups = [...groupBy(findEdgeWorkloads(workloads), ({ group }) => group ?? '')].map(
    ([, members]) => members,
  );
  const alike = [...groupBy(groups, (members) => members.map(joinProgramNames).sort().join(';'))];
  return [
    ...alike.flatMap(([, same]) => mergeWorkloads(same, groups.length > 1)),
    ...inCloud.map((one) => ({
      ...one,
      ids: [one.id],
      frame: one.nodes === 'cloud' ? 'the cloud' : one.nodes,
    })),
  ];
}

const findEdgeWorkloads = (workloads: readonly Workload[]) =>
  workloads.filter(({ nodes }) => nodes === 'edge');

const joinProgramNames = (workload: Workload): string => workload.programs.join();

function mergeWorkloads(groups: readonly (readonly Workload[])[], hasGroups: boolean): DrawnWorkload[] {
  const members = groups.flat().sort((one, other) => one.name.length - other.name.length);
  const frame = hasGroups ? formatGroupTitle(groups.map(([first]) => first?.group)) : 'each edge node';
  return [...groupBy(members, joinProgramNames)].flatMap(([, [first, ...others]]) =>
    first ? [{ ...first, frame, ids: [first, ...others].map(({ id }) => id) }] : [],
  );
}

function formatGroupTitle(groups: readonly (string | undefined)[]): string {
  const named = groups.filter((group) => group !== undefined).sort();
  return `each edge node of ${[...named, ...(named.length < groups.length ? ['no group'] : [])].join(', ')}`;
}
