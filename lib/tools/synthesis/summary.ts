import type { PulledImage } from '../../core/images';
import { ARCHITECTURES } from '../../core/placement';
import { deriveEdgeNodeTypesFromDaemonSets, type EdgeNodeType, isEdgeWorkload } from './edge-nodes';
import { groupBy } from './group-by';
import type { OutputCounts } from './output-folder';
import type { RenderedObject } from './render';
import {
  formatCpu,
  formatMemory,
  type PodRequests,
  podRequestsAndMemoryLimit,
  sumResourceRequests,
} from './requested-resources';

/** An environment with its rendered objects. */
export interface RenderedEnvironment {
  readonly name: string;
  readonly objects: readonly RenderedObject[];
}

/**
 * A rendered environment and the images that its pods use. `images` also contains the reference of each image in the
 * registry of its publisher.
 */
export interface SourcedEnvironment extends RenderedEnvironment {
  readonly images: readonly PulledImage[];
}

/** Formats the summary of a synthesis for the terminal: objects of each chart, requests per edge node, and changed files. */
export function formatSynthesisSummary(
  environments: readonly RenderedEnvironment[],
  folder: string,
  { changed, removed, unchanged }: OutputCounts,
): string {
  return [
    ...environments.flatMap((environment) => [
      ...formatChartSummaries(environment, folder),
      ...formatEdgeNodeRequests(environment),
      '',
    ]),
    ...environments.flatMap(largeObjectWarnings),
    `${changed + unchanged} files in ${folder}: ${changed} changed, ${unchanged} unchanged, ${removed} removed`,
  ].join('\n');
}

/**
 * Maximum size of an object for client-side `kubectl apply`, in bytes. kubectl stores a copy of the object in an annotation,
 * and the API server limits the annotations of an object to 256 KiB.
 */
const CLIENT_SIDE_LIMIT = 262_144;

function largeObjectWarnings({ name, objects }: RenderedEnvironment): string[] {
  return objects
    .filter(({ yaml }) => yaml.length > CLIENT_SIDE_LIMIT / 2)
    .filter(({ manifest }) => Buffer.byteLength(JSON.stringify(manifest)) >= CLIENT_SIDE_LIMIT)
    .map(
      ({ chart, file }) =>
        `note: ${name}/${chart}/${file} is too large for client-side apply: use kubectl apply --server-side; with Argo CD, set gitOps.serverSideApply to true`,
    );
}

function formatChartSummaries({ name, objects }: RenderedEnvironment, folder: string): string[] {
  return [...groupBy(objects, ({ chart }) => chart)].flatMap(([chart, members]) => [
    `${name}: ${chart} chart, ${formatChartLocation(members)}${members.length} objects in ${folder}/${name}/${chart}`,
    ...wrapList(formatKindCounts(members)).map((line) => `  ${line}`),
  ]);
}

function formatChartLocation(objects: readonly RenderedObject[]): string {
  if (!objects.some(({ manifest }) => manifest.spec?.template?.spec)) return '';
  return `runs ${objects.some(isEdgeWorkload) ? 'on the edge' : 'in the cloud'}, `;
}

/**
 * Maximum number of types of nodes that the summary lists as `same requests for ...`. An environment can have 1,000
 * types.
 */
const MAX_NODE_TYPES = 4;

/** Formats the requests per edge node, once for all types of nodes with equal requests. */
function formatEdgeNodeRequests({ name, objects }: RenderedEnvironment): string[] {
  const onEdge = objects.filter(({ manifest }) => manifest.kind === 'DaemonSet').filter(isEdgeWorkload);
  const kinds = deriveEdgeNodeTypesFromDaemonSets(onEdge).map((kind) => ({
    ...kind,
    requested: kind.daemonSets.map(podRequestsOfWorkload),
  }));
  const same = groupBy(kinds, ({ architectures, requested }) => JSON.stringify([architectures, requested]));
  return [...same.values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const { architectures, daemonSets, requested } = first;
    const names = daemonSets.map(({ manifest }) => manifest.metadata.name as string);
    const width = Math.max(...names.map(({ length }) => length));
    const which = architectures.length < ARCHITECTURES.length ? ` on ${architectures.join(' and ')}` : '';
    return [
      `${name}: requests per edge node${which}${formatNodeLabels(first)}: ${formatResourceRequests(sumResourceRequests(requested))}`,
      ...requested.map((one, index) => `  ${names[index]?.padEnd(width)}  ${formatResourceRequests(one)}`),
      ...others
        .slice(0, MAX_NODE_TYPES)
        .map((kind) => `  the requests above also apply to edge nodes${formatNodeLabels(kind)}`),
      ...(others.length > MAX_NODE_TYPES
        ? [`  the requests above also apply to ${others.length - MAX_NODE_TYPES} other types of nodes`]
        : []),
    ];
  });
}

const podRequestsOfWorkload = ({ manifest }: RenderedObject): PodRequests =>
  podRequestsAndMemoryLimit(manifest.spec.template.spec);

/** Formats the labels of a type of nodes, such as ` with site=north and rack=2`. Returns an empty text without labels. */
export function formatNodeLabels({ labels }: Pick<EdgeNodeType, 'labels'>): string {
  const all = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return all.length ? ` with ${all.join(' and ')}` : '';
}

/** Formats requests and limits, such as `135m CPU, 106Mi memory (limit: 202Mi)`. */
export function formatResourceRequests({ cpu, memory, memoryLimit }: PodRequests): string {
  return `${formatCpu(cpu)} CPU, ${formatMemory(memory)} memory (limit: ${formatMemory(memoryLimit)})`;
}

function formatKindCounts(objects: readonly RenderedObject[]): string[] {
  return [...groupBy(objects, ({ manifest }) => manifest.kind as string)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([kind, members]) => `${members.length} ${kind}`);
}

/** Joins words with commas, and wraps them into lines of at most `width` characters. */
function wrapList(words: readonly string[], width = 96): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1)}, ${word}`;
    if (lines.length && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
