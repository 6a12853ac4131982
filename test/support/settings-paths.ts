import { App } from 'cdk8s';
import { CloudChart, EdgeChart, GitOpsChart, InvalidOptionError, type Settings } from '../../lib';
import { everything } from './settings';

/** The names and places that lead to a value of the settings. */
export type Path = readonly (string | number)[];

/** What Alertmanager reads in its own format, and an object with methods. */
export const NOT_OURS =
  /^(receivers\.0|alerts\.routes\.0|alerts\.timeIntervals\.[\w-]+\.0|ingress\.controller)\b/;

/** Every list and object of a value, by its path. */
export function pathsIn(value: unknown, path: Path = []): Path[] {
  if (!isPlain(value)) return [];
  const below = membersOf(value, path).flatMap(([held, at]) => pathsIn(held, at));
  return path.length ? [path, ...below] : below;
}

/** Every value that holds no others, by its path. */
export function leavesIn(value: unknown, path: Path = []): Path[] {
  if (isPlain(value)) return membersOf(value, path).flatMap(([held, at]) => leavesIn(held, at));
  return ['string', 'number', 'boolean'].includes(typeof value) ? [path] : [];
}

const membersOf = (value: object, path: Path): [unknown, Path][] =>
  Object.entries(value).map(([key, held]) => [held, [...path, Array.isArray(value) ? Number(key) : key]]);

/** What functions such as `fluentBit()` make has no options to be left out. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return (
    Array.isArray(value) ||
    (Object.getPrototypeOf(value) === Object.prototype &&
      Object.values(value).every((held) => typeof held !== 'function'))
  );
}

/** The settings with another value at a path; without one when it is undefined. */
export function changed<T>(value: T, [key, ...rest]: Path, to: unknown): T {
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string | number, unknown>;
  const held = rest.length ? changed(copy[key as string], rest, to) : to;
  if (held === undefined) delete copy[key as string];
  else copy[key as string] = held;
  return copy as T;
}

/** The manifests, or that they are refused. */
export function made(settings: Settings): string {
  try {
    const app = new App();
    const cloud = new CloudChart(app, 'cloud', { settings });
    const edge = new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
    const charts = [
      cloud,
      edge,
      ...(settings.gitOps ? [new GitOpsChart(app, 'gitops', { settings, charts: [cloud, edge] })] : []),
    ];
    return JSON.stringify(
      charts.map((chart) => chart.toJson()),
      null,
      1,
    );
  } catch (error) {
    if (error instanceof InvalidOptionError || /^Validation failed/.test(`${error}`.replace('Error: ', '')))
      return 'refused';
    throw error;
  }
}

/** What the complete settings have at a path. */
export const valueAt = (path: Path): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], everything);
