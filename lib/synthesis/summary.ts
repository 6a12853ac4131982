import { EDGE_LABEL } from '../core/placement';
import type { Written } from './output-folder';
import type { RenderedObject } from './render';
import { cpuText, memoryText, type Requested, requestedBy, sum } from './requested-resources';

/** An environment, for the summary of a synthesis. */
export interface RenderedEnvironment {
  readonly name: string;
  readonly objects: readonly RenderedObject[];
}

/** What a synthesis says at its end: what was made, where it runs, what it asks of each edge node. */
export function summary(
  environments: readonly RenderedEnvironment[],
  folder: string,
  { changed, removed, unchanged }: Written,
): string {
  return [
    ...environments.flatMap((environment) => [...charts(environment, folder), ...edgeNodes(environment), '']),
    `${changed + unchanged} files in ${folder}: ${changed} changed, ${unchanged} as they were, ${removed} removed`,
  ].join('\n');
}

function charts({ name, objects }: RenderedEnvironment, folder: string): string[] {
  return [...groupedBy(objects, ({ chart }) => chart)].flatMap(([chart, members]) => [
    `${name}: ${chart} chart, runs ${members.some(isOnEdge) ? 'on the edge' : 'in the cloud'}, ${members.length} objects in ${folder}/${name}/${chart}`,
    ...wrapped(kinds(members)).map((line) => `  ${line}`),
  ]);
}

/** Edge nodes may differ by their labels: what is said is what a node is asked for that runs all. */
function edgeNodes({ name, objects }: RenderedEnvironment): string[] {
  const rows = objects
    .filter(({ manifest }) => manifest.kind === 'DaemonSet')
    .filter(isOnEdge)
    .map(({ manifest }) => [manifest.metadata.name, requestedBy(manifest.spec.template.spec)] as const);
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map(([daemonSet]) => daemonSet.length));
  const total = sum(rows.map(([, requested]) => requested));
  return [
    `${name}: each edge node is asked for ${asked(total)}`,
    ...rows.map(([daemonSet, requested]) => `  ${daemonSet.padEnd(width)}  ${asked(requested)}`),
  ];
}

function asked({ cpu, memory, memoryLimit }: Requested): string {
  return `${cpuText(cpu)} CPU, ${memoryText(memory)} memory (at most ${memoryText(memoryLimit)})`;
}

function isOnEdge({ manifest }: RenderedObject): boolean {
  const terms =
    manifest.spec?.template?.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
      ?.nodeSelectorTerms ?? [];
  return terms.some(({ matchExpressions = [] }: { matchExpressions?: { key: string; operator: string }[] }) =>
    matchExpressions.some(({ key, operator }) => key === EDGE_LABEL && operator === 'Exists'),
  );
}

function kinds(objects: readonly RenderedObject[]): string[] {
  return [...groupedBy(objects, ({ manifest }) => manifest.kind as string)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([kind, members]) => `${members.length} ${kind}`);
}

function groupedBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
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
