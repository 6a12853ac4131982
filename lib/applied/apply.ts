import { join } from 'node:path';
import type { CommandIo } from '../process/command-io';
import { type Existing, type Kubectl, objectsIn } from '../process/kubectl';
import { withFiles } from '../process/temporary-files';
import { isOnEdge } from '../synthesis/edge-nodes';
import type { RenderedObject } from '../synthesis/render';
import { afterApply, type Inventory, inventoryName, readInventories, writeInventory } from './inventory';
import { type AppliedObject, referenceOf } from './object-reference';

/** What is applied, and how. */
export interface ApplyOptions {
  readonly environment: string;
  readonly objects: readonly RenderedObject[];
  /** Stops after the namespaces. */
  readonly onlyNamespaces: boolean;
  /** Applies nothing, and records what the cluster has of the synthesis. */
  readonly onlyRecord: boolean;
  /** Takes over fields that another field manager has changed. */
  readonly forceConflicts: boolean;
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
 * @throws Error with what kubectl said. What was applied until then is recorded.
 */
export async function performApply(options: ApplyOptions, { kubectl, io }: ClusterTools): Promise<void> {
  const { environment, onlyNamespaces, onlyRecord } = options;
  const objects = options.objects.filter(isOfKubectl);
  io.stdout(`cluster: context ${(await kubectl('config', 'current-context')).trim()}\n`);
  await withFiles(filesOf(objects), async (folder) => {
    const phases = PHASES.filter((phase) => objects.some((object) => phaseOf(object) === phase));
    const chosen = onlyRecord ? [] : phases.filter((phase) => !onlyNamespaces || phase === PHASES[0]);
    try {
      for (const phase of chosen) await applyPhase(phase, join(folder, phase), options, { kubectl, io });
    } finally {
      if (!onlyNamespaces) await record(environment, objects, folder, { kubectl, io });
    }
  });
}

/** Argo CD's own objects are for the cluster in which it runs. */
const isOfKubectl = ({ manifest }: RenderedObject): boolean =>
  !manifest.apiVersion.startsWith('argoproj.io/');

const filesOf = (objects: readonly RenderedObject[]): Record<string, string> =>
  Object.fromEntries(
    objects.map((object) => [`${phaseOf(object)}/${object.chart}/${object.file}`, object.yaml]),
  );

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

/** Records the objects of the synthesis that are in the cluster. */
async function record(
  environment: string,
  objects: readonly RenderedObject[],
  folder: string,
  { kubectl, io }: ClusterTools,
): Promise<void> {
  const all = objectsIn(
    await kubectl('get', '--recursive', '--filename', folder, '--ignore-not-found', '--output', 'json'),
  );
  const found = all.filter(ownedBy(objects));
  if (found.length === 0)
    throw new Error('the cluster has no object of this environment: nothing is recorded');
  const before = await inventoryOf(environment, namespaceOf(objects), kubectl);
  const after = afterApply(before, found.map(appliedObject));
  await writeInventory(kubectl, after);
  io.stdout(
    `recorded in ConfigMap ${after.namespace}/${inventoryName(environment)}: ${found.length} objects\n`,
  );
  if (after.left.length) {
    io.stdout(
      `${after.left.length} objects of earlier syntheses are not in this one: npm run --silent prune lists them\n`,
    );
  }
}

const PART_OF = 'app.kubernetes.io/part-of';

/** Tells objects that were applied from those of others under the same names, which an apply that conflicts leaves as they are. */
function ownedBy(objects: readonly RenderedObject[]): (object: Existing) => boolean {
  const nameOf = ({ kind, metadata }: Pick<Existing, 'kind' | 'metadata'>) =>
    `${kind} ${metadata.namespace ?? ''} ${metadata.name}`;
  const labels = new Map(
    objects.map(({ manifest }) => [nameOf(manifest), manifest.metadata.labels?.[PART_OF]]),
  );
  return (object) => {
    const expected = labels.get(nameOf(object));
    return expected === undefined || object.metadata.labels?.[PART_OF] === expected;
  };
}

const appliedObject = (object: Existing): AppliedObject => ({
  ...referenceOf(object),
  uid: object.metadata.uid,
});

async function inventoryOf(environment: string, namespace: string, kubectl: Kubectl): Promise<Inventory> {
  const all = await readInventories(kubectl);
  const own = all.find((inventory) => inventory.environment === environment);
  return own ?? { environment, namespace, applied: [], left: [] };
}

/** Beside what it lists: the first namespace of the environment. */
function namespaceOf(objects: readonly RenderedObject[]): string {
  const own = objects.find(({ manifest }) => manifest.kind === 'Namespace')?.manifest.metadata.name;
  return (
    own ??
    objects.find(({ manifest }) => manifest.metadata.namespace)?.manifest.metadata.namespace ??
    'default'
  );
}
