import { parse } from 'yaml';
import { suggestedSynthCommand } from '../process/command-lines';
import type { RenderedObject } from '../synthesis/render';
import type { RenderedEnvironment } from '../synthesis/summary';
import { type FieldChange, fieldChanges } from './field-changes';
import { type Manifest, warningsForChange } from './warnings';

/** A difference between a synthesis and manifest files: an object that was added, removed or changed. */
export interface ObjectChange {
  /** Path of the file below dist. */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** New manifest, from the synthesis. If the object was removed, this is the old manifest. */
  readonly object: Manifest;
  /** Old manifest, from dist/ on disk or in a git revision. @default - the object was added */
  readonly before?: Manifest;
  /** Changed fields. The list is empty if the object was added or removed. */
  readonly fields: readonly FieldChange[];
  /** Warnings about effects on the cluster, such as rejected changes, deleted data, and restarts of pods with volumes. */
  readonly warnings: readonly string[];
}

/**
 * Compares a synthesis with manifest files.
 * @param files texts of the files, by their path below dist
 * @returns the objects that differ, sorted by path
 * @throws Error when a file is not a manifest.
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
    compareNewObjectWithPreviousFile(path, files.get(path), yaml, manifest),
  );
  const removed = [...files]
    .filter(([path]) => !made.has(path))
    .map(([path, text]) => createRemovedObjectChange(path, parseManifest(path, text)));
  return [...changed, ...removed].sort((one, other) => (one.path < other.path ? -1 : 1));
}

function compareNewObjectWithPreviousFile(
  path: string,
  text: string | undefined,
  yaml: string,
  manifest: Manifest,
): ObjectChange[] {
  if (text === yaml) return [];
  const object = withoutUndefinedFields(manifest);
  if (text === undefined) return [{ path, kind: 'added', object, fields: [], warnings: [] }];
  const before = parseManifest(path, text);
  const fields = fieldChanges(before, object);
  // If no field differs, only comments, quotes or the order of fields changed. The report then shows the changed lines, which
  // do not affect the cluster.
  const shown = fields.length ? fields : fieldChanges(text, yaml);
  return [
    {
      path,
      kind: 'changed',
      object,
      before,
      fields: shown,
      warnings: warningsForChange(before, object, fields),
    },
  ];
}

function createRemovedObjectChange(path: string, object: Manifest): ObjectChange {
  return {
    path,
    kind: 'removed',
    object,
    before: object,
    fields: [],
    warnings: warningsForChange(object, undefined, []),
  };
}

/** Returns a copy of a manifest without undefined fields, because files in YAML do not contain these fields. */
function withoutUndefinedFields(manifest: unknown): Manifest {
  return JSON.parse(JSON.stringify(manifest));
}

function parseManifest(path: string, text: string): Manifest {
  try {
    const manifest = parse(text, { logLevel: 'silent' });
    if (typeof manifest?.kind === 'string' && manifest.metadata?.name !== undefined) return manifest;
  } catch {
    // Reported below.
  }
  throw new Error(
    `${path} is not a manifest: run ${suggestedSynthCommand()} to write this file again, or delete the file`,
  );
}
