import { join } from 'node:path';
import type { CommonMetadata } from '../../core/common-metadata';
import type { CommandIo } from '../process/command-io';
import type { ClusterObject, Kubectl } from '../process/kubectl';
import { withTemporaryFiles } from '../process/temporary-files';
import { isEdgeWorkload } from '../synthesis/edge-nodes';
import type { RenderedObject } from '../synthesis/render';
import { findCollisionsWithForeignObjects } from './foreign-objects';
import { referenceKey, referenceOf } from './object-reference';
import { recordAppliedObjects } from './record';
import { findNeededAndMissingApis, findProgramProvidingApi } from './served-apis';

/** Options for `performApply`. */
export interface ApplyOptions {
  readonly environment: string;
  readonly objects: readonly RenderedObject[];
  /**
   * Manifests to apply instead of the objects with the same kind, namespace and name in `objects`. If `objects`
   * contains no such object, the replacement is applied in addition, and is not recorded in the inventory.
   * @default - `objects` are applied unchanged
   */
  readonly replacements?: readonly ClusterObject[];
  /** Whether to apply only the namespaces. */
  readonly onlyNamespaces: boolean;
  /** Whether to apply nothing, and only record which of the objects exist in the cluster. */
  readonly onlyRecord: boolean;
  /** Whether to overwrite fields that another field manager owns (`kubectl apply --force-conflicts`). */
  readonly forceConflicts: boolean;
  /** Whether to apply even if this overwrites or selects objects outside of this stack, or takes over their traffic. */
  readonly allowForeign: boolean;
  /** Labels and annotations of the ConfigMap with the inventory. @default - only the label with the name of the environment */
  readonly metadata?: CommonMetadata;
}

/** Functions with which a command accesses the cluster and standard output. */
export interface ClusterTools {
  readonly kubectl: Kubectl;
  readonly io: Pick<CommandIo, 'stdout'>;
}

/** Groups of objects, in the order in which they are applied. */
const PHASES = ['1-namespaces', '2-configuration', '3-cloud', '4-edge'] as const;

type Phase = (typeof PHASES)[number];

/**
 * Applies an environment with server-side apply, in the order of dependencies, and records the applied objects in the
 * inventory in the cluster. With `onlyNamespaces`, records nothing.
 * @throws Error before anything is applied, when the API server does not serve an API of the objects, or when objects
 * that are not part of this stack would be affected. Error when kubectl fails; the objects that were already applied
 * are recorded.
 */
export async function performApply(options: ApplyOptions, { kubectl, io }: ClusterTools): Promise<void> {
  const { environment, onlyNamespaces, onlyRecord } = options;
  const objects = options.objects.filter(isNotArgoCdObject);
  io.stdout(`cluster: context ${(await kubectl('config', 'current-context')).trim()}\n`);
  if (!onlyRecord && !onlyNamespaces) await requireServedApis(objects, kubectl);
  if (!onlyRecord && !options.allowForeign) await requireNoCollisions(objects, { kubectl, io });
  await withTemporaryFiles(
    manifestTextsByPath(mergeReplacementsIntoObjects(objects, options.replacements)),
    async (folder) => {
      const phases = PHASES.filter((phase) =>
        objects.some((object) => phaseOfObjectInApply(object) === phase),
      );
      const chosen = onlyRecord ? [] : phases.filter((phase) => !onlyNamespaces || phase === PHASES[0]);
      const failures = await runAllStepsAndCollectErrors([
        async () => {
          for (const phase of chosen)
            await applyObjectsOfPhase(phase, join(folder, phase), options, { kubectl, io });
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
    },
  );
}

/**
 * Throws if the API server does not serve an API that an additional program provides, such as cert-manager. Without this
 * check, kubectl would apply some objects before it fails.
 * @throws Error with the missing APIs and the programs to install.
 */
async function requireServedApis(objects: readonly RenderedObject[], kubectl: Kubectl): Promise<void> {
  const custom = objects.filter(({ manifest }) => findProgramProvidingApi(manifest.apiVersion) !== undefined);
  if (custom.length === 0) return;
  const { missing } = await findNeededAndMissingApis(custom, kubectl);
  if (missing.length === 0) return;
  throw new Error(
    [
      'nothing was applied, because the API server does not serve these APIs of the manifests:',
      ...missing.map((apiVersion) => `  ${apiVersion}: install ${findProgramProvidingApi(apiVersion)}`),
    ].join('\n'),
  );
}

/**
 * Throws if applying would overwrite or select objects outside of this stack, or take over their traffic. Prints each
 * error of kubectl that prevents a check. Ignores collisions that an earlier `apply` already caused.
 * @throws Error with the affected objects and remedies.
 */
async function requireNoCollisions(
  objects: readonly RenderedObject[],
  { kubectl, io }: ClusterTools,
): Promise<void> {
  const { collisions, readErrors } = await findCollisionsWithForeignObjects(objects, kubectl);
  for (const reason of readErrors)
    io.stdout(`could not check whether applying affects objects outside of this stack: ${reason}\n`);
  const harmed = collisions.filter(({ isApplied }) => !isApplied);
  if (harmed.length === 0) return;
  throw new Error(
    [
      'nothing was applied, because applying would affect objects that are not part of this stack:',
      ...harmed.flatMap(({ message, remedy }) => [`  ${message}`, `    -> ${remedy}`]),
      '  use --allow-foreign to apply the environment anyway',
    ].join('\n'),
  );
}

/** Returns false for Applications and AppProjects, because these objects belong to the cluster in which Argo CD runs. */
const isNotArgoCdObject = ({ manifest }: RenderedObject): boolean =>
  !manifest.apiVersion.startsWith('argoproj.io/');

const manifestTextsByPath = (objects: readonly RenderedObject[]): Record<string, string> =>
  Object.fromEntries(
    objects.map((object) => [`${phaseOfObjectInApply(object)}/${object.chart}/${object.file}`, object.yaml]),
  );

/**
 * Returns the objects to apply. Replaces each object by the replacement with the same API group, kind, namespace and
 * name. Adds all other replacements at the end.
 */
function mergeReplacementsIntoObjects(
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
 * Returns the phase in which an object is applied. Configuration comes before workloads, because on edge nodes a pod starts
 * with an empty folder if its ConfigMap does not exist.
 */
function phaseOfObjectInApply(object: RenderedObject): Phase {
  const { kind, spec } = object.manifest;
  if (kind === 'Namespace') return '1-namespaces';
  if (spec?.template?.spec === undefined) return '2-configuration';
  return isEdgeWorkload(object) ? '4-edge' : '3-cloud';
}

async function applyObjectsOfPhase(
  phase: Phase,
  folder: string,
  { forceConflicts }: ApplyOptions,
  { kubectl, io }: ClusterTools,
): Promise<void> {
  const flags = ['--server-side', ...(forceConflicts ? ['--force-conflicts'] : [])];
  const said = await kubectl('apply', ...flags, '--recursive', '--filename', folder);
  io.stdout(`${phase.slice(2)}: ${said.trim().split('\n').length} objects applied\n`);
}

/** Runs all steps in order, even if one fails, and returns the error messages. */
async function runAllStepsAndCollectErrors(steps: readonly (() => Promise<void>)[]): Promise<string[]> {
  const said: string[] = [];
  for (const step of steps) await step().catch((error: Error) => said.push(error.message));
  return said;
}
