import type { PulledImage } from '../../core/images';
import { ARCHITECTURES } from '../../core/placement';
import { type EdgeNodes, isOnEdge, kindsOfNodes } from './edge-nodes';
import { groupedBy } from './grouped-by';
import type { Written } from './output-folder';
import type { RenderedObject } from './render';
import { cpuText, memoryText, type Requested, requestedBy, sum } from './requested-resources';

/** An environment, for the summary of a synthesis. */
export interface RenderedEnvironment {
  readonly name: string;
  readonly objects: readonly RenderedObject[];
}

/** A rendered environment, and where its images come from. */
export interface SourcedEnvironment extends RenderedEnvironment {
  readonly images: readonly PulledImage[];
}

/** What a synthesis says at its end: what was made, where it runs, what it asks of each edge node. */
export function summary(
  environments: readonly RenderedEnvironment[],
  folder: string,
  { changed, removed, unchanged }: Written,
): string {
  return [
    ...environments.flatMap((environment) => [...charts(environment, folder), ...edgeNodes(environment), '']),
    ...environments.flatMap(tooLarge),
    `${changed + unchanged} files in ${folder}: ${changed} changed, ${unchanged} as they were, ${removed} removed`,
  ].join('\n');
}

/** `kubectl apply` keeps a copy of the object in an annotation, and annotations may have 256 KiB together. */
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

/** Most kinds of nodes that are named; there may be a thousand groups. */
const NAMED = 4;

/** The requests on each edge node; kinds of nodes with the same requests share a line. */
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
      `${name}: each edge node${which}${withLabels(first)} is asked for ${asked(sum(requested))}`,
      ...requested.map((one, index) => `  ${names[index]?.padEnd(width)}  ${asked(one)}`),
      ...others.slice(0, NAMED).map((kind) => `  as much where it is one${withLabels(kind)}`),
      ...(others.length > NAMED ? [`  as much on ${others.length - NAMED} further kinds of nodes`] : []),
    ];
  });
}

const requestedOf = ({ manifest }: RenderedObject): Requested => requestedBy(manifest.spec.template.spec);

/** The labels of a kind of nodes, for a sentence. */
export function withLabels({ labels }: Pick<EdgeNodes, 'labels'>): string {
  const all = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return all.length ? ` with ${all.join(' and ')}` : '';
}

/** Requests, as people write them. */
export function asked({ cpu, memory, memoryLimit }: Requested): string {
  return `${cpuText(cpu)} CPU, ${memoryText(memory)} memory (at most ${memoryText(memoryLimit)})`;
}

function kinds(objects: readonly RenderedObject[]): string[] {
  return [...groupedBy(objects, ({ manifest }) => manifest.kind as string)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([kind, members]) => `${members.length} ${kind}`);
}

/** A list in lines that fit a terminal. */
function wrapped(words: readonly string[], width = 96): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1)}, ${word}`;
    if (lines.length && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
