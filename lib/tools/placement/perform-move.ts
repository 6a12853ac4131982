import { suggestedCommand } from '../process/command-lines';
import { type ClusterObject, listObjects } from '../process/kubectl';
import {
  performSteps,
  printCluster,
  type RolloutPace,
  type RolloutTools,
  type RolloutWork,
} from '../rollout/perform-steps';
import { planRollout } from '../rollout/plan';
import { selectsNode } from '../synthesis/edge-nodes';
import type { RenderedObject } from '../synthesis/render';
import { combinePlacements, MOVED_LABEL, parseBridge, placementOf } from './bridge';
import { isBridged, isSameJson, placementsByKey, readEdgeDaemonSets } from './keep-placement';

/** Options for `performMove`. */
export interface MoveOptions extends RolloutPace {
  /** The synthesis whose placement the nodes are moved to. */
  readonly objects: readonly RenderedObject[];
}

/** The fields of a pod that matter for moving a node. */
interface RunningPod {
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
  await printCluster(tools);
  const living = await readEdgeDaemonSets(options.objects, kubectl);
  const bridgedOnes = [...living.values()].filter(isBridged);
  const placements = placementsByKey(options.objects);
  requireBridgedTemplates(living, placements);
  const [first] = bridgedOnes;
  const id = first && parseBridge(first)?.id;
  if (id === undefined) {
    io.stdout('nothing to move: each DaemonSet has the placement of the synthesis\n');
    return;
  }
  const work = await createMoveWork(id, bridgedOnes, options, tools);
  await performSteps(work, options, tools);
  if (options.apply || !work.plan.groups.length) {
    io.stdout(
      `when all nodes have moved: ${['apply', 'prune', 'rollout'].map((name) => suggestedCommand(name)).join(', then ')}\n`,
    );
  }
}

function requireBridgedTemplates(
  living: ReadonlyMap<string, ClusterObject>,
  placements: ReturnType<typeof placementsByKey>,
): void {
  for (const [key, after] of placements) {
    const now = living.get(key);
    const bridge = now && parseBridge(now);
    const expected = bridge ? combinePlacements(bridge, after) : after;
    if (now && isSameJson(placementOf(now), expected)) continue;
    const name = key.split('/').slice(2).join('/');
    throw new Error(
      `DaemonSet ${name} of the cluster does not have the placement of the synthesis${bridge ? ' beside the old one' : ''}: ` +
        `run ${suggestedCommand('apply', '--keep-placement')} first, which changes it on no node`,
    );
  }
}

async function createMoveWork(
  id: string,
  daemonSets: readonly ClusterObject[],
  { selector, canary, steps }: MoveOptions,
  { kubectl }: RolloutTools,
): Promise<RolloutWork> {
  const readNodes = (labels?: string) =>
    listObjects(kubectl, 'nodes', ...(labels === undefined ? [] : ['--selector', labels]));
  const all = await readNodes(selector);
  const moving = all.filter(({ metadata }) => needsMove(metadata.labels ?? {}, id, daemonSets));
  const pods = moving.map(({ metadata: { name, labels = {} } }) => ({
    ...{ namespace: '', name, daemonSet: '', node: name, isStable: true },
    isCurrent: labels[MOVED_LABEL] === id,
  }));
  const online = nodeNames(all.filter(hasReadyCondition));
  const first = canary === undefined ? undefined : nodeNames(await readNodes(canary));
  const seen = new Map<string, number>();
  return {
    subject: `DaemonSets: ${daemonSets.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(', ')}`,
    plan: planRollout({ online, pods }, { canary: first, steps }),
    updateNodes: async (nodes) => {
      await kubectl('label', 'nodes', ...nodes, `${MOVED_LABEL}=${id}`, '--overwrite');
    },
    readHealth: async () => {
      const now = await readNodes(selector);
      const held = await readRunningPods(daemonSets, kubectl);
      const labels = new Map(now.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
      const isMovedAndReady = (node: string) =>
        hasMoved(node, labels.get(node) ?? {}, daemonSets, held, seen);
      return { online: nodeNames(now.filter(hasReadyCondition)), isStable: isMovedAndReady };
    },
  };
}

/** Whether a node runs different DaemonSets after the move. */
function needsMove(
  labels: Readonly<Record<string, string>>,
  id: string,
  daemonSets: readonly ClusterObject[],
): boolean {
  const { [MOVED_LABEL]: moved, ...others } = labels;
  // The label of an earlier, unfinished move shows where the node's pods are.
  const before = moved === id ? others : labels;
  const after = { ...labels, [MOVED_LABEL]: id };
  return daemonSets.some(
    (manifest) => selectsNode({ manifest }, before) !== selectsNode({ manifest }, after),
  );
}

/**
 * Whether each DaemonSet that selects a node has a ready pod there that did not restart since the last check,
 * and no other one has a pod.
 */
function hasMoved(
  node: string,
  labels: Readonly<Record<string, string>>,
  daemonSets: readonly ClusterObject[],
  held: readonly RunningPod[],
  seen: Map<string, number>,
): boolean {
  const own = held.filter((pod) => pod.node === node);
  const restarts = own.reduce((sum, pod) => sum + pod.restarts, 0);
  const isQuiet = seen.get(node) === restarts;
  seen.set(node, restarts);
  return (
    isQuiet &&
    daemonSets.every((manifest) => {
      const pods = own.filter(({ daemonSet }) => daemonSet === daemonSetId(manifest));
      return selectsNode({ manifest }, labels) ? pods.length === 1 && pods[0]?.isReady : pods.length === 0;
    })
  );
}

async function readRunningPods(
  daemonSets: readonly ClusterObject[],
  kubectl: RolloutTools['kubectl'],
): Promise<RunningPod[]> {
  const held: RunningPod[] = [];
  for (const namespace of new Set(daemonSets.map(({ metadata }) => metadata.namespace))) {
    const pods = await listObjects(kubectl, 'pods', '--namespace', namespace);
    held.push(...pods.flatMap((pod) => toRunningPod(pod, namespace)));
  }
  return held;
}

function toRunningPod(pod: ClusterObject, namespace: string): RunningPod[] {
  const owner = pod.metadata.ownerReferences?.find(({ kind }: ClusterObject) => kind === 'DaemonSet');
  const node = pod.spec?.nodeName;
  if (!owner || !node) return [];
  const restarts = (pod.status?.containerStatuses ?? []).reduce(
    (sum: number, { restartCount }: ClusterObject) => sum + restartCount,
    0,
  );
  return [{ daemonSet: `${namespace}/${owner.name}`, node, isReady: hasReadyCondition(pod), restarts }];
}

const daemonSetId = ({ metadata }: ClusterObject): string => `${metadata.namespace}/${metadata.name}`;

const nodeNames = (nodes: readonly ClusterObject[]): Set<string> =>
  new Set(nodes.map(({ metadata }) => metadata.name));

const hasReadyCondition = ({ status }: ClusterObject): boolean =>
  (status?.conditions ?? []).some((one: ClusterObject) => one.type === 'Ready' && one.status === 'True');
