import { join } from 'node:path';
import type { CommonMetadata } from '../../core/common-metadata';
import type { CommandIo } from '../process/command-io';
import type { Existing, Kubectl } from '../process/kubectl';
import { withFiles } from '../process/temporary-files';
import { isOnEdge } from '../synthesis/edge-nodes';
import type { RenderedObject } from '../synthesis/render';
import { findCollisions } from './foreign-objects';
import { keyOf, referenceOf } from './object-reference';
import { recordApplied } from './record';

/** What is applied, and how. */
export interface ApplyOptions {
  readonly environment: string;
  readonly objects: readonly RenderedObject[];
  /** Objects that are applied in place of those of the same names, or beside them, and not recorded. @default - none */
  readonly replacements?: readonly Existing[];
  /** Stops after the namespaces. */
  readonly onlyNamespaces: boolean;
  /** Applies nothing, and records what the cluster has of the synthesis. */
  readonly onlyRecord: boolean;
  /** Takes over fields that another field manager has changed. */
  readonly forceConflicts: boolean;
  /** Applies although objects of others would be changed, selected or cut off. */
  readonly allowForeign: boolean;
  /** Labels and annotations of the inventory. @default - none */
  readonly metadata?: CommonMetadata;
}

/** What commands that change a cluster work with. */
export interface ClusterTools {
  readonly kubectl: Kubectl;
  readonly io: Pick<CommandIo, 'stdout'>;
}

/** Folders of the objects, in the order in which they are applied. */
const PHASES = ['1-namespaces', '2-configuration', '3-cloud', '4-edge'] as const;

type Phase = (typeof PHASES)[number];

/**
 * Applies an environment server-side, in an order in which each object finds what it needs, and records in the
 * cluster what was applied.
 *
 * @throws Error with what kubectl said first. What was applied until then is recorded. Nothing is applied where the cluster has
 * objects of others that this would harm.
 */
export async function performApply(options: ApplyOptions, { kubectl, io }: ClusterTools): Promise<void> {
  const { environment, onlyNamespaces, onlyRecord } = options;
  const objects = options.objects.filter(isOfKubectl);
  io.stdout(`cluster: context ${(await kubectl('config', 'current-context')).trim()}\n`);
  if (!onlyRecord && !options.allowForeign) await refuseCollisions(objects, { kubectl, io });
  await withFiles(filesOf(replaced(objects, options.replacements)), async (folder) => {
    const phases = PHASES.filter((phase) => objects.some((object) => phaseOf(object) === phase));
    const chosen = onlyRecord ? [] : phases.filter((phase) => !onlyNamespaces || phase === PHASES[0]);
    const failures = await failuresOf([
      async () => {
        for (const phase of chosen) await applyPhase(phase, join(folder, phase), options, { kubectl, io });
      },
      async () => {
        if (!onlyNamespaces)
          await recordApplied(environment, objects, { folder, metadata: options.metadata }, { kubectl, io });
      },
    ]);
    if (failures.length) throw new Error(failures.join('\n'));
  });
}

/** @throws Error that lists objects of others which applying these would harm. */
async function refuseCollisions(
  objects: readonly RenderedObject[],
  { kubectl, io }: ClusterTools,
): Promise<void> {
  const { collisions, unread } = await findCollisions(objects, kubectl);
  for (const reason of unread)
    io.stdout(`not looked at, whether objects of others are in the way: ${reason}\n`);
  const harmed = collisions.filter(({ isApplied }) => !isApplied);
  if (harmed.length === 0) return;
  throw new Error(
    [
      'nothing was applied, since it would change, select or cut off what is not part of this stack:',
      ...harmed.flatMap(({ message, remedy }) => [`  ${message}`, `    -> ${remedy}`]),
      '  --allow-foreign applies it anyway',
    ].join('\n'),
  );
}

/** Argo CD's own objects are for the cluster in which it runs. */
const isOfKubectl = ({ manifest }: RenderedObject): boolean =>
  !manifest.apiVersion.startsWith('argoproj.io/');

const filesOf = (objects: readonly RenderedObject[]): Record<string, string> =>
  Object.fromEntries(
    objects.map((object) => [`${phaseOf(object)}/${object.chart}/${object.file}`, object.yaml]),
  );

/** The objects, with others in the place of some of them, and those that take no place at the end. */
function replaced(
  objects: readonly RenderedObject[],
  replacements: readonly Existing[] = [],
): RenderedObject[] {
  const others = new Map(replacements.map((manifest) => [keyOf(referenceOf(manifest)), manifest]));
  const known = objects.map((object) => {
    const key = keyOf(referenceOf(object.manifest));
    const manifest = others.get(key);
    return others.delete(key) ? { ...object, manifest, yaml: JSON.stringify(manifest) } : object;
  });
  const beside = [...others.values()].map((manifest) => ({
    chart: 'replacements',
    file: `${manifest.kind}.${manifest.metadata.namespace}.${manifest.metadata.name}.json`,
    manifest,
    yaml: JSON.stringify(manifest),
  }));
  return [...known, ...beside];
}

/** Pods at the edge start with empty folders where a ConfigMap is missing: what they mount comes first. */
function phaseOf(object: RenderedObject): Phase {
  const { kind, spec } = object.manifest;
  if (kind === 'Namespace') return '1-namespaces';
  if (spec?.template?.spec === undefined) return '2-configuration';
  return isOnEdge(object) ? '4-edge' : '3-cloud';
}

async function applyPhase(
  phase: Phase,
  folder: string,
  { forceConflicts }: ApplyOptions,
  { kubectl, io }: ClusterTools,
): Promise<void> {
  const flags = ['--server-side', ...(forceConflicts ? ['--force-conflicts'] : [])];
  const said = await kubectl('apply', ...flags, '--recursive', '--filename', folder);
  io.stdout(`${phase.slice(2)}: ${said.trim().split('\n').length} objects applied\n`);
}

/** Does one after the other, also after a failure, and gives what the failures said. */
async function failuresOf(steps: readonly (() => Promise<void>)[]): Promise<string[]> {
  const said: string[] = [];
  for (const step of steps) await step().catch((error: Error) => said.push(error.message));
  return said;
}
