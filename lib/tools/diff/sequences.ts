import { diffArrays } from 'diff';

/** A member of a list as two versions have it: changed, gone, or new. */
export interface MemberChange {
  /** Its index: after the change, where it is there. */
  readonly index: number;
  /** @default - the member is new */
  readonly before?: unknown;
  /** @default - the member is gone */
  readonly after?: unknown;
}

/**
 * What differs between two lists whose members have no names. Where members went and others came in their place, those
 * that are alike are the same one, changed.
 *
 * @param alike whether a member may have become another
 */
export function sequenceChanges(
  before: readonly unknown[],
  after: readonly unknown[],
  alike: (before: unknown, after: unknown) => boolean,
): MemberChange[] {
  const changes: MemberChange[] = [];
  let [gone, come]: [MemberChange[], MemberChange[]] = [[], []];
  const settle = () => {
    changes.push(...paired(gone, come, alike));
    [gone, come] = [[], []];
  };
  let [from, to] = [0, 0];
  for (const { added, removed, value } of diffArrays(texts(before), texts(after))) {
    const { length } = value;
    if (removed)
      gone = before.slice(from, from + length).map((one, at) => ({ index: from + at, before: one }));
    else if (added) come = after.slice(to, to + length).map((one, at) => ({ index: to + at, after: one }));
    else settle();
    if (!added) from += length;
    if (!removed) to += length;
  }
  settle();
  return changes;
}

/** Members that went and came at one place: in order, each that went with the next that is like it. */
function paired(
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

const texts = (list: readonly unknown[]): string[] => list.map((member) => JSON.stringify(member));
