import { parse } from 'yaml';
import { suggestedSynthCommand } from '../process/command-lines';
import type { RenderedObject } from '../synthesis/render';
import type { RenderedEnvironment } from '../synthesis/summary';
import { type FieldChange, fieldChanges } from './field-changes';
import { changeWarnings, type Manifest } from './warnings';

/** A changed object. */
export interface ObjectChange {
  /** File below dist. */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** The current object; the former one if it was removed. */
  readonly object: Manifest;
  /** The former object. @default - the object is new */
  readonly before?: Manifest;
  /** Changed fields; empty for a new or removed object. */
  readonly fields: readonly FieldChange[];
  /** Changes that Kubernetes would refuse, and those that restart pods with data. */
  readonly warnings: readonly string[];
}

/**
 * Compares a synthesis with manifest files.
 * @param files file contents by path below dist
 * @returns the changed objects by path
 */
export function compareManifests(
  environments: readonly RenderedEnvironment[],
  files: ReadonlyMap<string, string>,
): ObjectChange[] {
  const made = new Map(
    environments.flatMap(({ name, objects }) =>
      objects.map((object): [string, RenderedObject] => [`${name}/${object.chart}/${object.file}`, object]),
    ),
  );
  const changed = [...made].flatMap(([path, { manifest, yaml }]) =>
    changesOfFile(path, files.get(path), yaml, manifest),
  );
  const removed = [...files]
    .filter(([path]) => !made.has(path))
    .map(([path, text]) => removedObject(path, readManifest(path, text)));
  return [...changed, ...removed].sort((one, other) => (one.path < other.path ? -1 : 1));
}

function changesOfFile(
  path: string,
  text: string | undefined,
  yaml: string,
  manifest: Manifest,
): ObjectChange[] {
  if (text === yaml) return [];
  const object = toPlainObject(manifest);
  if (text === undefined) return [{ path, kind: 'added', object, fields: [], warnings: [] }];
  const before = readManifest(path, text);
  const fields = fieldChanges(before, object);
  // Shows text changes if no field differs: comments, quotes or the order of fields, which do not affect the
  // cluster.
  const shown = fields.length ? fields : fieldChanges(text, yaml);
  return [
    {
      path,
      kind: 'changed',
      object,
      before,
      fields: shown,
      warnings: changeWarnings(before, object, fields),
    },
  ];
}

function removedObject(path: string, object: Manifest): ObjectChange {
  return {
    path,
    kind: 'removed',
    object,
    before: object,
    fields: [],
    warnings: changeWarnings(object, undefined, []),
  };
}

/** As a file would contain it: without undefined fields. */
function toPlainObject(manifest: unknown): Manifest {
  return JSON.parse(JSON.stringify(manifest));
}

function readManifest(path: string, text: string): Manifest {
  try {
    const manifest = parse(text, { logLevel: 'silent' });
    if (typeof manifest?.kind === 'string' && manifest.metadata?.name !== undefined) return manifest;
  } catch {
    // Reported below.
  }
  throw new Error(
    `${path} is not a manifest: run ${suggestedSynthCommand()} to write it again, or remove the file`,
  );
}
