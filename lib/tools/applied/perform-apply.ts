import { join } from 'node:path';
import type { CommonMetadata } from '../../core/common-metadata';
import type { CommandIo } from '../process/command-io';
import type { ClusterObject, Kubectl } from '../process/kubectl';
import { withTemporaryFiles } from '../process/temporary-files';
import { isOnEdge } from '../synthesis/edge-nodes';
import type { RenderedObject } from '../synthesis/render';
import { findCollisions } from './foreign-objects';
import { referenceKey, referenceOf } from './object-reference';
import { recordAppliedObjects } from './record';
import { findUnservedApis, programToInstall } from './served-apis';

/** Options for `performApply`. */
export interface ApplyOptions {
  readonly environment: string;
  readonly objects: readonly RenderedObject[];
  /**
   * Objects to apply instead of those with the same names, or in addition; they are not recorded.
   * @default - none
   */
  readonly replacements?: readonly ClusterObject[];
  /** Whether to stop after the namespaces. */
  readonly onlyNamespaces: boolean;
  /** Whether to apply nothing, and only record the objects of the synthesis that exist in the cluster. */
  readonly onlyRecord: boolean;
  /** Whether to take over fields that another field manager has changed. */
  readonly forceConflicts: boolean;
  /** Whether to continue if objects that are not part of this stack would be changed, selected or cut off. */
  readonly allowForeign: boolean;
  /** Labels and annotations of the inventory. @default - none */
  readonly metadata?: CommonMetadata;
}

/** Tools of commands that change a cluster: kubectl, and input and output. */
export interface ClusterTools {
  readonly kubectl: Kubectl;
  readonly io: Pick<CommandIo, 'stdout'>;
}

/** Groups of objects, in the order in which they are applied. */
const PHASES = ['1-namespaces', '2-configuration', '3-cloud', '4-edge'] as const;

type Phase = (typeof PHASES)[number];

/**
 * Applies an environment with server-side apply, in dependency order, and records the applied objects in the
 * cluster. Nothing is applied if it would affect objects that are not part of this stack.
 * @throws Error with kubectl's first error. Objects applied until then are recorded.
 */
export async function performApply(options: ApplyOptions, { kubectl, io }: ClusterTools): Promise<void> {
  const { environment, onlyNamespaces, onlyRecord } = options;
  const objects = options.objects.filter(isAppliedByKubectl);
  io.stdout(`cluster: context ${(await kubectl('config', 'current-context')).trim()}\n`);
  if (!onlyRecord && !onlyNamespaces) await refuseUnservedApis(objects, kubectl);
  if (!onlyRecord && !options.allowForeign) await refuseCollisions(objects, { kubectl, io });
  await withTemporaryFiles(manifestFiles(replaceManifests(objects, options.replacements)), async (folder) => {
    const phases = PHASES.filter((phase) => objects.some((object) => phaseOfObject(object) === phase));
    const chosen = onlyRecord ? [] : phases.filter((phase) => !onlyNamespaces || phase === PHASES[0]);
    const failures = await runAllSteps([
      async () => {
        for (const phase of chosen) await applyPhase(phase, join(folder, phase), options, { kubectl, io });
      },
      async () => {
        if (!onlyNamespaces)
          await recordAppliedObjects(
            environment,
            objects,
            { folder, metadata: options.metadata },
            { kubectl, io },
          );
      },
    ]);
    if (failures.length) throw new Error(failures.join('\n'));
  });
}

/**
 * Refuses objects of programs that are not installed: kubectl would apply all others, and fail in the middle.
 * @throws Error that says what to install.
 */
async function refuseUnservedApis(objects: readonly RenderedObject[], kubectl: Kubectl): Promise<void> {
  const custom = objects.filter(({ manifest }) => programToInstall(manifest.apiVersion) !== undefined);
  if (custom.length === 0) return;
  const { missing } = await findUnservedApis(custom, kubectl);
  if (missing.length === 0) return;
  throw new Error(
    [
      'nothing was applied: the API server does not serve these kinds of the manifests:',
      ...missing.map((apiVersion) => `  ${apiVersion}: install ${programToInstall(apiVersion)}`),
    ].join('\n'),
  );
}

/**
 * Refuses to affect objects of others.
 * @throws Error that lists the objects which are not part of this stack and would be affected.
 */
async function refuseCollisions(
  objects: readonly RenderedObject[],
  { kubectl, io }: ClusterTools,
): Promise<void> {
  const { collisions, unread } = await findCollisions(objects, kubectl);
  for (const reason of unread) io.stdout(`could not check for collisions with other objects: ${reason}\n`);
  const harmed = collisions.filter(({ isApplied }) => !isApplied);
  if (harmed.length === 0) return;
  throw new Error(
    [
      'nothing was applied, since it would affect objects that are not part of this stack:',
      ...harmed.flatMap(({ message, remedy }) => [`  ${message}`, `    -> ${remedy}`]),
      '  use --allow-foreign to apply it anyway',
    ].join('\n'),
  );
}

/** Argo CD's own objects belong into the cluster in which it runs. */
const isAppliedByKubectl = ({ manifest }: RenderedObject): boolean =>
  !manifest.apiVersion.startsWith('argoproj.io/');

const manifestFiles = (objects: readonly RenderedObject[]): Record<string, string> =>
  Object.fromEntries(
    objects.map((object) => [`${phaseOfObject(object)}/${object.chart}/${object.file}`, object.yaml]),
  );

/** Returns the objects with replacements, and additional ones at the end. */
function replaceManifests(
  objects: readonly RenderedObject[],
  replacements: readonly ClusterObject[] = [],
): RenderedObject[] {
  const others = new Map(replacements.map((manifest) => [referenceKey(referenceOf(manifest)), manifest]));
  const known = objects.map((object) => {
    const key = referenceKey(referenceOf(object.manifest));
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

/**
 * Configuration is applied first: on edge nodes, a pod whose ConfigMap is missing starts with an empty
 * folder.
 */
function phaseOfObject(object: RenderedObject): Phase {
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

/** Runs all steps, also after a failure, and returns the error messages. */
async function runAllSteps(steps: readonly (() => Promise<void>)[]): Promise<string[]> {
  const said: string[] = [];
  for (const step of steps) await step().catch((error: Error) => said.push(error.message));
  return said;
}
