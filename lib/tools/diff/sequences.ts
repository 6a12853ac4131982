import { diffArrays } from 'diff';

/** A member of a list that was changed, removed or added. */
export interface MemberChange {
  /** Index of the member in the new list, or in the old list if the member was removed. */
  readonly index: number;
  /** Old value of the list member. @default - the member is new */
  readonly before?: unknown;
  /** New value of the list member. @default - the member was removed */
  readonly after?: unknown;
}

/**
 * Compares two lists whose members have no names. A removed member and a similar member that was added at the same
 * position are returned as one changed member.
 * @param areSimilar returns whether the member `after` may be a changed version of the member `before`
 */
export function compareListsOfUnnamedMembers(
  before: readonly unknown[],
  after: readonly unknown[],
  areSimilar: (before: unknown, after: unknown) => boolean,
): MemberChange[] {
  const changes: MemberChange[] = [];
  let [gone, come]: [MemberChange[], MemberChange[]] = [[], []];
  const addPendingChanges = () => {
    changes.push(...pairSimilarMembers(gone, come, areSimilar));
    [gone, come] = [[], []];
  };
  let [from, to] = [0, 0];
  for (const { added, removed, value } of diffArrays(toJsonTexts(before), toJsonTexts(after))) {
    const { length } = value;
    if (removed)
      gone = before.slice(from, from + length).map((one, at) => ({ index: from + at, before: one }));
    else if (added) come = after.slice(to, to + length).map((one, at) => ({ index: to + at, after: one }));
    else addPendingChanges();
    if (!added) from += length;
    if (!removed) to += length;
  }
  addPendingChanges();
  return changes;
}

/** Joins a removed member and a similar added member to one change. The changes keep the order of the members. */
function pairSimilarMembers(
  gone: readonly MemberChange[],
  come: readonly MemberChange[],
  alike: (before: unknown, after: unknown) => boolean,
): MemberChange[] {
  let next = 0;
  const changes = gone.flatMap((old): MemberChange[] => {
    const at = come.findIndex(({ after }, index) => index >= next && alike(old.before, after));
    if (at < 0) return [old];
    const passed = come.slice(next, at);
    next = at + 1;
    return [...passed, { ...come[at], before: old.before } as MemberChange];
  });
  return [...changes, ...come.slice(next)];
}

const toJsonTexts = (list: readonly unknown[]): string[] => list.map((member) => JSON.stringify(member));
