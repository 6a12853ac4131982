import { commandLine } from '../process/command-lines';
import { adoptable } from './adopt';
import type { ClusterTools } from './apply';
import { type Inventory, readInventories, writeInventory } from './inventory';
import { inNamespace } from './living';
import { type AppliedObject, keyOf, labelOf, type ObjectReference, typeOf } from './object-reference';
import { type Verdict, verdictsOn } from './verdicts';

/** Options for `performPrune`. */
export interface PruneOptions {
  readonly environment: string;
  /** Objects of the environment's current synthesis. */
  readonly synthesized: readonly ObjectReference[];
  /** Whether to include objects with the stack's labels that no inventory lists. */
  readonly adopt: boolean;
  /** Whether to delete everything that was applied, not only left-over objects. */
  readonly uninstall: boolean;
  /** Whether to delete; otherwise the objects are only listed. */
  readonly apply: boolean;
}

/**
 * Deletes objects that are no longer part of an environment, according to its inventory in the cluster.
 * @throws Error when there is no inventory, or kubectl fails. A further run continues with the rest.
 */
export async function performPrune(options: PruneOptions, tools: ClusterTools): Promise<void> {
  const { kubectl, io } = tools;
  const say = (text: string) => io.stdout(`${text}\n`);
  say(`cluster: context ${(await kubectl('config', 'current-context')).trim()}`);
  const all = await readInventories(kubectl);
  const own = ownOf(all, options.environment);
  const verdicts = await verdictsOn(
    await candidates(own, all, options, tools),
    needed(own, all, options),
    kubectl,
  );
  for (const verdict of verdicts) say(line(verdict));
  const doomed = verdicts.filter(({ verdict }) => verdict === 'delete').map(({ object }) => object);
  if (!options.apply) {
    say(doomed.length ? `nothing was deleted; use --apply to delete ${count(doomed)}` : 'nothing to delete');
    return;
  }
  for (const object of doomed) await remove(object, tools);
  await writeInventory(kubectl, without(verdicts, own));
  say(`${count(doomed)} deleted`);
}

function ownOf(inventories: readonly Inventory[], environment: string): Inventory {
  const own = inventories.find((inventory) => inventory.environment === environment);
  if (own) return own;
  throw new Error(
    `the cluster has no inventory of ${environment}: run ${commandLine('apply')} first, or with --record if another program ` +
      'applies it',
  );
}

async function candidates(
  own: Inventory,
  all: readonly Inventory[],
  { adopt, uninstall, synthesized }: PruneOptions,
  { kubectl }: ClusterTools,
): Promise<AppliedObject[]> {
  const known = [...all.flatMap(({ applied, left }) => [...applied, ...left]), ...synthesized];
  return [...own.left, ...(uninstall ? own.applied : []), ...(adopt ? await adoptable(kubectl, known) : [])];
}

/** Returns the keys of the objects that must stay, regardless of the inventory. */
function needed(
  own: Inventory,
  all: readonly Inventory[],
  { uninstall, synthesized }: PruneOptions,
): ReadonlySet<string> {
  const others = all.filter((inventory) => inventory !== own).flatMap(({ applied }) => applied);
  return new Set([...others, ...(uninstall ? [] : synthesized)].map(keyOf));
}

function without(verdicts: readonly Verdict[], own: Inventory): Inventory {
  const ended = new Set(
    verdicts.filter(({ verdict }) => verdict !== 'keep').map(({ object }) => keyOf(object)),
  );
  const remaining = (objects: readonly AppliedObject[]) =>
    objects.filter((object) => !ended.has(keyOf(object)));
  return { ...own, applied: remaining(own.applied), left: remaining(own.left) };
}

function line({ object, verdict, reason }: Verdict): string {
  if (verdict === 'keep') return `  ${labelOf(object)} stays: ${reason}`;
  return verdict === 'gone' ? `  ${labelOf(object)} is already deleted` : `- ${labelOf(object)}`;
}

const count = ({ length }: readonly AppliedObject[]): string =>
  `${length} ${length === 1 ? 'object' : 'objects'}`;

async function remove(object: AppliedObject, { kubectl }: ClusterTools): Promise<void> {
  const flags = ['--ignore-not-found', '--wait=false'];
  await kubectl('delete', typeOf(object), object.name, ...inNamespace(object), ...flags);
}
