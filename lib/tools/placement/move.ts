import { commandLine } from '../process/command-lines';
import { type Existing, listed } from '../process/kubectl';
import {
  performSteps,
  type RolloutPace,
  type RolloutTools,
  type RolloutWork,
  sayCluster,
} from '../rollout/perform';
import { planRollout } from '../rollout/plan';
import { selects } from '../synthesis/edge-nodes';
import type { RenderedObject } from '../synthesis/render';
import { bothOf, bridgeOf, MOVED_LABEL, placementOf } from './bridge';
import { isBridged, livingDaemonSets, placementsOf, same } from './keep-placement';

/** Options for `performMove`. */
export interface MoveOptions extends RolloutPace {
  /** The synthesis whose placement the nodes are moved to. */
  readonly objects: readonly RenderedObject[];
}

/** The fields of a pod that matter for moving a node. */
interface Held {
  readonly daemonSet: string;
  readonly node: string;
  readonly isReady: boolean;
  readonly restarts: number;
}

/**
 * Moves nodes in steps to the placement of a synthesis: labels them, and continues when the pods of the old
 * placement have ended and those of the new one stay ready on each of them.
 * @throws Error when the cluster's templates do not allow both placements, or at the first group that is not
 * ready in time.
 */
export async function performMove(options: MoveOptions, tools: RolloutTools): Promise<void> {
  const { kubectl, io } = tools;
  await sayCluster(tools);
  const living = await livingDaemonSets(options.objects, kubectl);
  const bridgedOnes = [...living.values()].filter(isBridged);
  const placements = placementsOf(options.objects);
  refuseOtherTemplates(living, placements);
  const [first] = bridgedOnes;
  const id = first && bridgeOf(first)?.id;
  if (id === undefined) {
    io.stdout('nothing to move: each DaemonSet has the placement of the synthesis\n');
    return;
  }
  const work = await workOf(id, bridgedOnes, options, tools);
  await performSteps(work, options, tools);
  if (options.apply || !work.plan.groups.length) {
    io.stdout(
      `when all nodes have moved: ${['apply', 'prune', 'rollout'].map((name) => commandLine(name)).join(', then ')}\n`,
    );
  }
}

function refuseOtherTemplates(
  living: ReadonlyMap<string, Existing>,
  placements: ReturnType<typeof placementsOf>,
): void {
  for (const [key, after] of placements) {
    const now = living.get(key);
    const bridge = now && bridgeOf(now);
    const expected = bridge ? bothOf(bridge, after) : after;
    if (now && same(placementOf(now), expected)) continue;
    const name = key.split('/').slice(2).join('/');
    throw new Error(
      `DaemonSet ${name} of the cluster does not have the placement of the synthesis${bridge ? ' beside the old one' : ''}: ` +
        `run ${commandLine('apply', '--keep-placement')} first, which changes it on no node`,
    );
  }
}

async function workOf(
  id: string,
  daemonSets: readonly Existing[],
  { selector, canary, steps }: MoveOptions,
  { kubectl }: RolloutTools,
): Promise<RolloutWork> {
  const nodesOf = (labels?: string) =>
    listed(kubectl, 'nodes', ...(labels === undefined ? [] : ['--selector', labels]));
  const all = await nodesOf(selector);
  const moving = all.filter(({ metadata }) => moves(metadata.labels ?? {}, id, daemonSets));
  const pods = moving.map(({ metadata: { name, labels = {} } }) => ({
    ...{ namespace: '', name, daemonSet: '', node: name, isWell: true },
    isCurrent: labels[MOVED_LABEL] === id,
  }));
  const online = namesOf(all.filter(isReady));
  const first = canary === undefined ? undefined : namesOf(await nodesOf(canary));
  const seen = new Map<string, number>();
  return {
    subject: `DaemonSets: ${daemonSets.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(', ')}`,
    plan: planRollout({ online, pods }, { canary: first, steps }),
    change: async (nodes) => {
      await kubectl('label', 'nodes', ...nodes, `${MOVED_LABEL}=${id}`, '--overwrite');
    },
    look: async () => {
      const now = await nodesOf(selector);
      const held = await podsOf(daemonSets, kubectl);
      const labels = new Map(now.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
      const isWell = (node: string) => hasMoved(node, labels.get(node) ?? {}, daemonSets, held, seen);
      return { online: namesOf(now.filter(isReady)), isWell };
    },
  };
}

/** Whether a node runs different DaemonSets after the move. */
function moves(
  labels: Readonly<Record<string, string>>,
  id: string,
  daemonSets: readonly Existing[],
): boolean {
  const { [MOVED_LABEL]: moved, ...others } = labels;
  // The label of an earlier, unfinished move shows where the node's pods are.
  const before = moved === id ? others : labels;
  const after = { ...labels, [MOVED_LABEL]: id };
  return daemonSets.some((manifest) => selects({ manifest }, before) !== selects({ manifest }, after));
}

/**
 * Whether each DaemonSet that selects a node has a ready pod there that did not restart since the last check,
 * and no other one has a pod.
 */
function hasMoved(
  node: string,
  labels: Readonly<Record<string, string>>,
  daemonSets: readonly Existing[],
  held: readonly Held[],
  seen: Map<string, number>,
): boolean {
  const own = held.filter((pod) => pod.node === node);
  const restarts = own.reduce((sum, pod) => sum + pod.restarts, 0);
  const isQuiet = seen.get(node) === restarts;
  seen.set(node, restarts);
  return (
    isQuiet &&
    daemonSets.every((manifest) => {
      const pods = own.filter(({ daemonSet }) => daemonSet === idOf(manifest));
      return selects({ manifest }, labels) ? pods.length === 1 && pods[0]?.isReady : pods.length === 0;
    })
  );
}

async function podsOf(daemonSets: readonly Existing[], kubectl: RolloutTools['kubectl']): Promise<Held[]> {
  const held: Held[] = [];
  for (const namespace of new Set(daemonSets.map(({ metadata }) => metadata.namespace))) {
    const pods = await listed(kubectl, 'pods', '--namespace', namespace);
    held.push(...pods.flatMap((pod) => heldBy(pod, namespace)));
  }
  return held;
}

function heldBy(pod: Existing, namespace: string): Held[] {
  const owner = pod.metadata.ownerReferences?.find(({ kind }: Existing) => kind === 'DaemonSet');
  const node = pod.spec?.nodeName;
  if (!owner || !node) return [];
  const restarts = (pod.status?.containerStatuses ?? []).reduce(
    (sum: number, { restartCount }: Existing) => sum + restartCount,
    0,
  );
  return [{ daemonSet: `${namespace}/${owner.name}`, node, isReady: isReady(pod), restarts }];
}

const idOf = ({ metadata }: Existing): string => `${metadata.namespace}/${metadata.name}`;

const namesOf = (nodes: readonly Existing[]): Set<string> =>
  new Set(nodes.map(({ metadata }) => metadata.name));

const isReady = ({ status }: Existing): boolean =>
  (status?.conditions ?? []).some((one: Existing) => one.type === 'Ready' && one.status === 'True');
