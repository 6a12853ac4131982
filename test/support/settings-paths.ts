import { isDeepStrictEqual } from 'node:util';
import { ApiObject, App, Lazy } from 'cdk8s';
import { CloudChart, EdgeChart, GitOpsChart, InvalidOptionError, type Settings } from '../../lib';
import { allSettings } from './settings';

/** Path of a value in the settings: names of settings, and indexes of lists. */
export type Path = readonly (string | number)[];

/** Paths of values in Alertmanager's own format, and of objects with methods. */
export const NOT_OURS =
  /^(receivers\.0|alerts\.routes\.0|alerts\.timeIntervals\.[\w-]+\.0|ingress\.controller)\b/;

/** Returns the paths of all lists and objects in a value. */
export function settingPaths(value: unknown, path: Path = []): Path[] {
  if (!isListOrPlainObject(value)) return [];
  const below = memberPaths(value, path).flatMap(([held, at]) => settingPaths(held, at));
  return path.length ? [path, ...below] : below;
}

/** Returns the paths of all strings, numbers and booleans in a value. */
export function leafPaths(value: unknown, path: Path = []): Path[] {
  if (isListOrPlainObject(value))
    return memberPaths(value, path).flatMap(([held, at]) => leafPaths(held, at));
  return ['string', 'number', 'boolean'].includes(typeof value) ? [path] : [];
}

const memberPaths = (value: object, path: Path): [unknown, Path][] =>
  Object.entries(value).map(([key, held]) => [held, [...path, Array.isArray(value) ? Number(key) : key]]);

/**
 * Returns whether a value is a list or a plain object. Results of functions such as `fluentBit()` do not count, because
 * they have no optional fields.
 */
function isListOrPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return (
    Array.isArray(value) ||
    (Object.getPrototypeOf(value) === Object.prototype &&
      Object.values(value).every((held) => typeof held !== 'function'))
  );
}

/** Returns a copy of the settings with another value at a path. `undefined` removes the value. */
export function withChange<T>(value: T, [key, ...rest]: Path, to: unknown): T {
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string | number, unknown>;
  const held = rest.length ? withChange(copy[key as string], rest, to) : to;
  if (held === undefined) delete copy[key as string];
  else copy[key as string] = held;
  return copy as T;
}

/**
 * Returns the manifests that differ between two results of `trySynthesize`, as pairs. Most objects have the same inputs, and are
 * not rendered.
 */
export function differentManifests(
  some: readonly ApiObject[] = [],
  others: readonly ApiObject[] = [],
): (readonly [unknown, unknown])[] {
  const longer = some.length > others.length ? some : others;
  return [...longer.keys()]
    .map((index) => [some[index], others[index]] as const)
    .filter(([one, other]) => !one || !other || !isSameInput(inputsOf(one), inputsOf(other)))
    .map(([one, other]) => [one?.toJson(), other?.toJson()] as const)
    .filter(([one, other]) => !isDeepStrictEqual(one, other));
}

/** Returns everything from which `toJson` of cdk8s renders an object. */
const inputsOf = (object: ApiObject): readonly unknown[] => [
  object.node.path,
  Reflect.get(object, 'props'),
  Reflect.get(object, 'patches'),
  { ...object.metadata, apiObject: undefined },
];

/** Returns whether cdk8s renders two values in the same way. Values that differ may still have the same manifest. */
function isSameInput(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (one instanceof Lazy && other instanceof Lazy) return isSameInput(one.produce(), other.produce());
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every(
      (key) => Object.hasOwn(other, key) && isSameInput(Reflect.get(one, key), Reflect.get(other, key)),
    )
  );
}

/** Returns whether settings are valid. */
export const isAccepted = (settings: Settings): boolean => trySynthesize(settings) !== undefined;

/**
 * Returns a function that compares the manifests of other settings to the manifests of these settings. It returns
 * `refused` for invalid settings. It stops at the first difference, and starts with objects that differed recently,
 * because similar settings change the same objects.
 */
export function createSettingsComparison(
  settings: Settings,
): (other: Settings) => 'same' | 'other' | 'refused' {
  const own = new Map(trySynthesize(settings)?.map((object) => [object.node.path, object.toJson()]));
  let recent: readonly string[] = [];
  return (other) => {
    const objects = trySynthesize(other);
    if (!objects) return 'refused';
    if (objects.length !== own.size) return 'other';
    const paths = objects.map(({ node }) => node.path);
    const byPath = new Map(objects.map((object) => [object.node.path, object]));
    const different = [...new Set([...recent, ...paths])].find(
      (path) => !isDeepStrictEqual(own.get(path), byPath.get(path)?.toJson()),
    );
    if (different === undefined) return 'same';
    recent = [different, ...recent.filter((path) => path !== different)];
    return 'other';
  };
}

/** Returns the objects of all charts, in reverse order of creation, or `undefined` if the settings are invalid. */
export function trySynthesize(settings: Settings): ApiObject[] | undefined {
  try {
    const app = new App();
    const cloud = new CloudChart(app, 'cloud', { settings });
    const edge = new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
    if (settings.gitOps) new GitOpsChart(app, 'gitops', { settings, charts: [cloud, edge] });
    const constructs = app.node.findAll();
    if (constructs.some(({ node }) => node.validate().length > 0)) return undefined;
    return constructs.filter(ApiObject.isApiObject).reverse();
  } catch (error) {
    if (error instanceof InvalidOptionError) return undefined;
    throw error;
  }
}

/** Returns the value at a path of the settings `everything`. */
export const settingAt = (path: Path): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], allSettings);
