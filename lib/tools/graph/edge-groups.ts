import { groupedBy } from '../synthesis/grouped-by';
import type { Workload } from './workload';

/** A workload, combined with identical ones of other node groups. */
export interface Drawn extends Workload {
  readonly frame: string;
  /** IDs of the combined workloads. */
  readonly ids: readonly string[];
}

/** Combines node groups that run the same programs. */
export function drawn(workloads: readonly Workload[]): Drawn[] {
  const inCloud = workloads.filter(({ nodes }) => nodes !== 'edge');
  const groups = [...groupedBy(onEdge(workloads), ({ group }) => group ?? '')].map(([, members]) => members);
  const alike = [...groupedBy(groups, (members) => members.map(programs).sort().join(';'))];
  return [
    ...alike.flatMap(([, same]) => merged(same, groups.length > 1)),
    ...inCloud.map((one) => ({
      ...one,
      ids: [one.id],
      frame: one.nodes === 'cloud' ? 'the cloud' : one.nodes,
    })),
  ];
}

const onEdge = (workloads: readonly Workload[]) => workloads.filter(({ nodes }) => nodes === 'edge');

const programs = (workload: Workload): string => workload.programs.join();

function merged(groups: readonly (readonly Workload[])[], hasGroups: boolean): Drawn[] {
  const members = groups.flat().sort((one, other) => one.name.length - other.name.length);
  const frame = hasGroups ? titleOf(groups.map(([first]) => first?.group)) : 'each edge node';
  return [...groupedBy(members, programs)].flatMap(([, [first, ...others]]) =>
    first ? [{ ...first, frame, ids: [first, ...others].map(({ id }) => id) }] : [],
  );
}

function titleOf(groups: readonly (string | undefined)[]): string {
  const named = groups.filter((group) => group !== undefined).sort();
  return `each edge node of ${[...named, ...(named.length < groups.length ? ['no group'] : [])].join(', ')}`;
}
