import { parse } from 'yaml';
import { synthesisLine } from '../process/command-lines';
import type { RenderedObject } from '../synthesis/render';
import type { RenderedEnvironment } from '../synthesis/summary';
import { type FieldChange, fieldChanges } from './field-changes';
import { type Manifest, warningsOf } from './warnings';

/** What became of an object. */
export interface ObjectChange {
  /** Its file below dist. */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** As it is now or, when it is gone, as it was. */
  readonly object: Manifest;
  /** As it was. @default - it is new */
  readonly before?: Manifest;
  /** In which fields; none for one that is new or gone. */
  readonly fields: readonly FieldChange[];
  /** What Kubernetes would refuse, and what restarts pods that keep data. */
  readonly warnings: readonly string[];
}

/**
 * Compares a synthesis with manifests as files.
 *
 * @param files texts by their path below dist
 * @returns the objects that are not the same, by path
 */
export function compare(
  environments: readonly RenderedEnvironment[],
  files: ReadonlyMap<string, string>,
): ObjectChange[] {
  const made = new Map(
    environments.flatMap(({ name, objects }) =>
      objects.map((object): [string, RenderedObject] => [`${name}/${object.chart}/${object.file}`, object]),
    ),
  );
  const changed = [...made].flatMap(([path, { manifest, yaml }]) =>
    changeOf(path, files.get(path), yaml, manifest),
  );
  const removed = [...files]
    .filter(([path]) => !made.has(path))
    .map(([path, text]) => removal(path, read(path, text)));
  return [...changed, ...removed].sort((one, other) => (one.path < other.path ? -1 : 1));
}

function changeOf(path: string, text: string | undefined, yaml: string, manifest: Manifest): ObjectChange[] {
  if (text === yaml) return [];
  const object = plain(manifest);
  if (text === undefined) return [{ path, kind: 'added', object, fields: [], warnings: [] }];
  const before = read(path, text);
  const fields = fieldChanges(before, object);
  // Comments, quotes or the order of fields: nothing that a cluster sees, and yet the file is another.
  const shown = fields.length ? fields : fieldChanges(text, yaml);
  return [
    { path, kind: 'changed', object, before, fields: shown, warnings: warningsOf(before, object, fields) },
  ];
}

function removal(path: string, object: Manifest): ObjectChange {
  return {
    path,
    kind: 'removed',
    object,
    before: object,
    fields: [],
    warnings: warningsOf(object, undefined, []),
  };
}

/** As a file would hold it: without fields that are undefined. */
function plain(manifest: unknown): Manifest {
  return JSON.parse(JSON.stringify(manifest));
}

function read(path: string, text: string): Manifest {
  try {
    const manifest = parse(text, { logLevel: 'silent' });
    if (typeof manifest?.kind === 'string' && manifest.metadata?.name !== undefined) return manifest;
  } catch {
    // Said below.
  }
  throw new Error(
    `${path} is no manifest: run ${synthesisLine()}, which writes it anew, or take the file away`,
  );
}
