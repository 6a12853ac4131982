import type { PulledImage } from '../../core/images';
import { ARCHITECTURES } from '../../core/placement';
import { type EdgeNodes, isOnEdge, kindsOfNodes } from './edge-nodes';
import { groupedBy } from './grouped-by';
import type { Written } from './output-folder';
import type { RenderedObject } from './render';
import { cpuText, memoryText, type Requested, requestedBy, sum } from './requested-resources';

/** A rendered environment for the summary. */
export interface RenderedEnvironment {
  readonly name: string;
  readonly objects: readonly RenderedObject[];
}

/** A rendered environment with the origin of its images. */
export interface SourcedEnvironment extends RenderedEnvironment {
  readonly images: readonly PulledImage[];
}

/** Returns the summary of a synthesis: the changed files, objects by chart, and requests per edge node. */
export function summary(
  environments: readonly RenderedEnvironment[],
  folder: string,
  { changed, removed, unchanged }: Written,
): string {
  return [
    ...environments.flatMap((environment) => [...charts(environment, folder), ...edgeNodes(environment), '']),
    ...environments.flatMap(tooLarge),
    `${changed + unchanged} files in ${folder}: ${changed} changed, ${unchanged} unchanged, ${removed} removed`,
  ].join('\n');
}

/**
 * Client-side `kubectl apply` stores a copy of the object in an annotation; annotations are limited to 256
 * KiB.
 */
const CLIENT_SIDE_LIMIT = 262_144;

function tooLarge({ name, objects }: RenderedEnvironment): string[] {
  return objects
    .filter(({ yaml }) => yaml.length > CLIENT_SIDE_LIMIT / 2)
    .filter(({ manifest }) => Buffer.byteLength(JSON.stringify(manifest)) >= CLIENT_SIDE_LIMIT)
    .map(
      ({ chart, file }) =>
        `note: ${name}/${chart}/${file} is too large for client-side apply: use kubectl apply --server-side, or ` +
        'serverSideApply of gitOps',
    );
}

function charts({ name, objects }: RenderedEnvironment, folder: string): string[] {
  return [...groupedBy(objects, ({ chart }) => chart)].flatMap(([chart, members]) => [
    `${name}: ${chart} chart, ${where(members)}${members.length} objects in ${folder}/${name}/${chart}`,
    ...wrapped(kinds(members)).map((line) => `  ${line}`),
  ]);
}

function where(objects: readonly RenderedObject[]): string {
  if (!objects.some(({ manifest }) => manifest.spec?.template?.spec)) return '';
  return `runs ${objects.some(isOnEdge) ? 'on the edge' : 'in the cloud'}, `;
}

/** Maximum number of node types to list, since there may be a thousand groups. */
const NAMED = 4;

/** Returns the requests per edge node; node types with equal requests share a line. */
function edgeNodes({ name, objects }: RenderedEnvironment): string[] {
  const onEdge = objects.filter(({ manifest }) => manifest.kind === 'DaemonSet').filter(isOnEdge);
  const kinds = kindsOfNodes(onEdge).map((kind) => ({
    ...kind,
    requested: kind.daemonSets.map(requestedOf),
  }));
  const same = groupedBy(kinds, ({ architectures, requested }) => JSON.stringify([architectures, requested]));
  return [...same.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const { architectures, daemonSets, requested } = first;
    const names = daemonSets.map(({ manifest }) => manifest.metadata.name as string);
    const width = Math.max(...names.map(({ length }) => length));
    const which = architectures.length < ARCHITECTURES.length ? ` on ${architectures.join(' and ')}` : '';
    return [
      `${name}: requests per edge node${which}${withLabels(first)}: ${asked(sum(requested))}`,
      ...requested.map((one, index) => `  ${names[index]?.padEnd(width)}  ${asked(one)}`),
      ...others.slice(0, NAMED).map((kind) => `  the same for edge nodes${withLabels(kind)}`),
      ...(others.length > NAMED ? [`  the same for ${others.length - NAMED} other types of nodes`] : []),
    ];
  });
}

const requestedOf = ({ manifest }: RenderedObject): Requested => requestedBy(manifest.spec.template.spec);

/** Describes the labels of a node type. */
export function withLabels({ labels }: Pick<EdgeNodes, 'labels'>): string {
  const all = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return all.length ? ` with ${all.join(' and ')}` : '';
}

/** Formats requests and limits. */
export function asked({ cpu, memory, memoryLimit }: Requested): string {
  return `${cpuText(cpu)} CPU, ${memoryText(memory)} memory (limit: ${memoryText(memoryLimit)})`;
}

function kinds(objects: readonly RenderedObject[]): string[] {
  return [...groupedBy(objects, ({ manifest }) => manifest.kind as string)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([kind, members]) => `${members.length} ${kind}`);
}

/** Wraps a list for a terminal. */
function wrapped(words: readonly string[], width = 96): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1)}, ${word}`;
    if (lines.length && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
