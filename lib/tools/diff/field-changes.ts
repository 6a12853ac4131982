import { tryParseConfiguration, unifiedDiffLines } from './embedded-files';
import { compareListsOfUnnamedMembers } from './sequences';

/** A step of the path to a value in an object: the name of a field, or the name or index of a list member. */
export type Step = { readonly field: string } | { readonly member: string };

/** A field that differs between two versions of an object. */
export interface FieldChange {
  readonly path: readonly Step[];
  /** Old value of the field. @default - the field is new */
  readonly before?: unknown;
  /** New value of the field. @default - the field was removed */
  readonly after?: unknown;
  /**
   * Lines to show instead of the values: the new order of a list, or the changed lines of a text. @default - the values
   */
  readonly detail?: readonly string[];
}

/**
 * Fields that can identify the members of a list. The first field in which all members have different values identifies
 * the members.
 */
const NAME_FIELDS = 'mountPath name job_name alert record topologyKey key uid containerPort port'.split(' ');

/**
 * Returns every field that differs between two values. Compares these values in a special way:
 * - list members with names: with the member of the same name
 * - program arguments: by flag
 * - members of other lists: in their order
 * - embedded configuration files: by their fields
 */
export function fieldChanges(before: unknown, after: unknown, path: readonly Step[] = []): FieldChange[] {
  if (Object.is(before, after)) return [];
  if (isObject(before) && isObject(after)) return changesInObject(before, after, path);
  if (Array.isArray(before) && Array.isArray(after)) return changesInList(before, after, path);
  if (typeof before === 'string' && typeof after === 'string')
    return changesInConfigurationOrText(before, after, path);
  return [{ path, before, after }];
}

type ObjectRecord = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is ObjectRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function changesInObject(before: ObjectRecord, after: ObjectRecord, path: readonly Step[]): FieldChange[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const ownPropertyValue = (record: ObjectRecord, field: string) =>
    Object.hasOwn(record, field) ? record[field] : undefined;
  return fields.flatMap((field) =>
    fieldChanges(ownPropertyValue(before, field), ownPropertyValue(after, field), [...path, { field }]),
  );
}

function changesInList(
  before: readonly unknown[],
  after: readonly unknown[],
  path: readonly Step[],
): FieldChange[] {
  const names = namesOfListMembers(before, after);
  if (!names) return changesInUnnamedMembers(before, after, path);
  const [one, other] = [
    new Map(pairNamesWithValues(names.before, before)),
    new Map(pairNamesWithValues(names.after, after)),
  ];
  const all = [...new Set([...one.keys(), ...other.keys()])];
  const changes = all.flatMap((member) =>
    fieldChanges(one.get(member), other.get(member), [...path, { member }]),
  );
  return [...changesIfMembersReordered([...one.keys()], [...other.keys()], path), ...changes];
}

const pairNamesWithValues = (names: readonly string[], values: readonly unknown[]) =>
  names.map((name, index) => [name, values[index]] as const);

/** Returns the names of the members of both lists. Returns `undefined` if the members of a list have no unique names. */
function namesOfListMembers(before: readonly unknown[], after: readonly unknown[]) {
  const namings = [
    ...NAME_FIELDS.map((key) => (value: unknown) => readNameField(key, value)),
    nameInMetadata,
    flagNameOfArgument,
  ];
  for (const naming of namings) {
    const names = { before: before.map(naming), after: after.map(naming) };
    if (areNamesDefinedAndUnique(names.before) && areNamesDefinedAndUnique(names.after))
      return names as Readonly<Record<keyof typeof names, string[]>>;
  }
  return undefined;
}

function areNamesDefinedAndUnique(names: readonly (string | undefined)[]): boolean {
  return !names.includes(undefined) && new Set(names).size === names.length;
}

function readNameField(key: string, value: unknown): string | undefined {
  const name = isObject(value) ? value[key] : undefined;
  return typeof name === 'string' || typeof name === 'number' ? String(name) : undefined;
}

function nameInMetadata(value: unknown): string | undefined {
  return isObject(value) ? readNameField('name', value.metadata) : undefined;
}

function flagNameOfArgument(value: unknown): string | undefined {
  return typeof value === 'string' ? /^(--?[\w.-]+)=/.exec(value)?.[1] : undefined;
}

/** Returns a change if the members that both lists contain have a different order. Otherwise, returns an empty list. */
function changesIfMembersReordered(
  before: readonly string[],
  after: readonly string[],
  path: readonly Step[],
): FieldChange[] {
  const [kept, now] = [
    before.filter((name) => after.includes(name)),
    after.filter((name) => before.includes(name)),
  ];
  if (kept.join('\n') === now.join('\n')) return [];
  return [{ path, before: kept, after: now, detail: [`order: ${kept.join(', ')} -> ${now.join(', ')}`] }];
}

function changesInUnnamedMembers(
  before: readonly unknown[],
  after: readonly unknown[],
  path: readonly Step[],
): FieldChange[] {
  return compareListsOfUnnamedMembers(before, after, areSimilarObjects).flatMap(
    ({ index, ...change }): FieldChange[] => {
      const isChanged = 'before' in change && 'after' in change;
      if (!isChanged) return [{ ...change, path: [...path, { member: '' }] }];
      const member = readNameField('title', change.before) ?? `${index}`;
      return fieldChanges(change.before, change.after, [...path, { member }]);
    },
  );
}

/** Returns whether `after` may be a changed version of `before`: both are objects, and at most half of their values differ. */
function areSimilarObjects(before: unknown, after: unknown): boolean {
  if (!isObject(before) || !isObject(after)) return false;
  const all = countLeaves(before) + countLeaves(after);
  const different = fieldChanges(before, after)
    .map((change) => countLeaves(change.before) + countLeaves(change.after))
    .reduce((sum, leaves) => sum + leaves, 0);
  return all > 2 && different * 2 <= all;
}

function countLeaves(value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, one) => sum + countLeaves(one), 0);
}

function changesInConfigurationOrText(before: string, after: string, path: readonly Step[]): FieldChange[] {
  const last = path.at(-1);
  const name = last && 'field' in last ? last.field : '';
  const [one, other] = [tryParseConfiguration(name, before), tryParseConfiguration(name, after)];
  const changes = one !== undefined && other !== undefined ? fieldChanges(one, other, path) : [];
  if (changes.length) return changes;
  const isLong = before.includes('\n') || after.includes('\n');
  return [{ path, before, after, ...(isLong && { detail: unifiedDiffLines(before, after) }) }];
}
