import { suggestedCommand } from '../process/command-lines';
import { findUnrecordedStackObjects } from './adoptable-objects';
import { kubectlNamespaceFlags } from './get-object';
import { type AppliedInventory, readInventories, writeInventory } from './inventory';
import {
  type AppliedObject,
  formatReference,
  kubectlResourceType,
  type ObjectReference,
  referenceKey,
} from './object-reference';
import type { ClusterTools } from './perform-apply';
import { decideDeletions, type PruneDecision } from './verdicts';

/** Options for `performPrune`. */
export interface PruneOptions {
  readonly environment: string;
  /** Objects of the environment's current synthesis, which are kept unless `uninstall` is set. */
  readonly synthesized: readonly ObjectReference[];
  /** Whether to also list objects that have the labels of the stack but are in no inventory. */
  readonly adopt: boolean;
  /** Whether to list all objects in the inventory of the environment, even objects of the current synthesis. */
  readonly uninstall: boolean;
  /** Whether to delete the objects. If false, `prune` only lists the objects. */
  readonly apply: boolean;
}

/**
 * Lists the objects in the inventory of an environment that are no longer part of the environment. The options change
 * the result:
 * - `uninstall`: lists all objects in the inventory
 * - `adopt`: also lists objects of the stack that are in no inventory
 * - `apply`: deletes the listed objects, except for objects that are kept (see `decideDeletions`)
 * @throws Error when the cluster has no inventory of the environment, or when kubectl fails. After an error, the next
 * run deletes the remaining objects.
 */
export async function performPrune(options: PruneOptions, tools: ClusterTools): Promise<void> {
  const { kubectl, io } = tools;
  const printLine = (text: string) => io.stdout(`${text}\n`);
  printLine(`cluster: context ${(await kubectl('config', 'current-context')).trim()}`);
  const all = await readInventories(kubectl);
  const own = requireInventoryOfEnvironment(all, options.environment);
  const decisions = await decideDeletions(
    await findDeletionCandidates(own, all, options, tools),
    keysOfObjectsToKeep(own, all, options),
    kubectl,
  );
  for (const decision of decisions) printLine(formatPruneDecision(decision));
  const doomed = decisions.filter(({ verdict }) => verdict === 'delete').map(({ object }) => object);
  if (!options.apply) {
    printLine(
      doomed.length
        ? `nothing was deleted; use --apply to delete ${formatObjectCount(doomed)}`
        : 'nothing to delete',
    );
    return;
  }
  for (const object of doomed) await deleteObject(object, tools);
  await writeInventory(kubectl, inventoryAfterPrune(decisions, own));
  printLine(`${formatObjectCount(doomed)} deleted`);
}

function requireInventoryOfEnvironment(
  inventories: readonly AppliedInventory[],
  environment: string,
): AppliedInventory {
  const own = inventories.find((inventory) => inventory.environment === environment);
  if (own) return own;
  throw new Error(
    `the cluster has no inventory of environment ${environment}: run ${suggestedCommand('apply')} first, or ${suggestedCommand('apply', '--record')} if another program applies the environment`,
  );
}

async function findDeletionCandidates(
  own: AppliedInventory,
  all: readonly AppliedInventory[],
  { adopt, uninstall, synthesized }: PruneOptions,
  { kubectl }: ClusterTools,
): Promise<AppliedObject[]> {
  const known = [...all.flatMap(({ applied, left }) => [...applied, ...left]), ...synthesized];
  return [
    ...own.left,
    ...(uninstall ? own.applied : []),
    ...(adopt ? await findUnrecordedStackObjects(kubectl, known) : []),
  ];
}

/**
 * Returns the keys of the objects that must not be deleted: the applied objects of other environments, and, without
 * `uninstall`, the objects of the synthesis.
 */
function keysOfObjectsToKeep(
  own: AppliedInventory,
  all: readonly AppliedInventory[],
  { uninstall, synthesized }: PruneOptions,
): ReadonlySet<string> {
  const others = all.filter((inventory) => inventory !== own).flatMap(({ applied }) => applied);
  return new Set([...others, ...(uninstall ? [] : synthesized)].map(referenceKey));
}

/** Returns the inventory without the objects that `prune` deleted or did not find in the cluster. */
function inventoryAfterPrune(decisions: readonly PruneDecision[], own: AppliedInventory): AppliedInventory {
  const ended = new Set(
    decisions.filter(({ verdict }) => verdict !== 'keep').map(({ object }) => referenceKey(object)),
  );
  const omitDeletedObjects = (objects: readonly AppliedObject[]) =>
    objects.filter((object) => !ended.has(referenceKey(object)));
  return { ...own, applied: omitDeletedObjects(own.applied), left: omitDeletedObjects(own.left) };
}

function formatPruneDecision({ object, verdict, reason }: PruneDecision): string {
  if (verdict === 'keep') return `  ${formatReference(object)} is kept: ${reason}`;
  return verdict === 'gone'
    ? `  ${formatReference(object)} is already deleted`
    : `- ${formatReference(object)}`;
}

const formatObjectCount = ({ length }: readonly AppliedObject[]): string =>
  `${length} ${length === 1 ? 'object' : 'objects'}`;

async function deleteObject(object: AppliedObject, { kubectl }: ClusterTools): Promise<void> {
  const flags = ['--ignore-not-found', '--wait=false'];
  await kubectl(
    'delete',
    kubectlResourceType(object),
    object.name,
    ...kubectlNamespaceFlags(object),
    ...flags,
  );
}
