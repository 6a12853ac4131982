import { isOnEdge, kindsOfNodes } from './edge-nodes';
import { groupedBy } from './grouped-by';
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

/** Edge nodes may differ by further labels: what is said is what a node is asked for that runs all. */
function edgeNodes({ name, objects }: RenderedEnvironment): string[] {
  const onEdge = objects.filter(({ manifest }) => manifest.kind === 'DaemonSet').filter(isOnEdge);
  const width = Math.max(...onEdge.map(({ manifest }) => manifest.metadata.name.length));
  const kinds = kindsOfNodes(onEdge);
  return kinds.flatMap(({ architectures, daemonSets }) => {
    const rows = daemonSets.map(({ manifest }) => ({
      daemonSet: manifest.metadata.name,
      requested: requestedBy(manifest.spec.template.spec),
    }));
    const which = kinds.length > 1 ? ` on ${architectures.join(' and ')}` : '';
    return [
      `${name}: each edge node${which} is asked for ${asked(sum(rows.map(({ requested }) => requested)))}`,
      ...rows.map(({ daemonSet, requested }) => `  ${daemonSet.padEnd(width)}  ${asked(requested)}`),
    ];
  });
}

/** What is asked for, as people write it. */
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
