import { suggestedCommand } from '../process/command-lines';
import { type ClusterObject, isNodeOrPodReady, listObjects } from '../process/kubectl';
import {
  performRolloutSteps,
  printKubectlContext,
  type RolloutStepOptions,
  type RolloutTools,
  type RolloutWork,
} from '../rollout/perform-steps';
import { planRollout } from '../rollout/plan';
import { isNodeSelectedByWorkload } from '../synthesis/edge-nodes';
import type { RenderedObject } from '../synthesis/render';
import {
  isPlacementMoveInProgress,
  isSameJson,
  placementsOfEdgeDaemonSets,
  readEdgeDaemonSets,
} from './keep-placement';
import {
  combineOldAndNewPlacement,
  MOVED_LABEL,
  parseMoveAnnotationOfDaemonSet,
  placementOfDaemonSet,
} from './placement-move';

/** Options for `performPlacementMove`. */
export interface MoveOptions extends RolloutStepOptions {
  /** Objects of the synthesis. Nodes are moved to the pods of the DaemonSets among these objects. */
  readonly objects: readonly RenderedObject[];
}

/** A pod of a DaemonSet on a node. */
interface DaemonSetPodOnNode {
  readonly daemonSet: string;
  readonly node: string;
  readonly isReady: boolean;
  readonly restarts: number;
}

/**
 * Moves nodes in steps to the placement of a synthesis. A step adds the label `MOVED_LABEL` to a group of nodes, and waits
 * until the pods of the old placement have ended and the pods of the new placement stay ready on these nodes. Without
 * `options.apply`, only prints the plan.
 * @throws Error when a DaemonSet in the cluster does not select the new placement yet, or when the pods of a group are not ready
 * within the timeout.
 */
export async function performPlacementMove(options: MoveOptions, tools: RolloutTools): Promise<void> {
  const { kubectl, io } = tools;
  await printKubectlContext(tools);
  const living = await readEdgeDaemonSets(options.objects, kubectl);
  const movingDaemonSets = [...living.values()].filter(isPlacementMoveInProgress);
  const placements = placementsOfEdgeDaemonSets(options.objects);
  requireNewPlacementApplied(living, placements);
  const [first] = movingDaemonSets;
  const id = first && parseMoveAnnotationOfDaemonSet(first)?.id;
  if (id === undefined) {
    io.stdout('nothing to move: every DaemonSet in the cluster already has the placement in its manifest\n');
    return;
  }
  const work = await preparePlacementMove(id, movingDaemonSets, options, tools);
  await performRolloutSteps(work, options, tools);
  if (options.apply || !work.plan.groups.length) {
    io.stdout(
      `when all nodes are moved, run: ${['apply', 'prune', 'rollout'].map((name) => suggestedCommand(name)).join(', then ')}\n`,
    );
  }
}

function requireNewPlacementApplied(
  living: ReadonlyMap<string, ClusterObject>,
  placements: ReturnType<typeof placementsOfEdgeDaemonSets>,
): void {
  for (const [key, after] of placements) {
    const now = living.get(key);
    const move = now && parseMoveAnnotationOfDaemonSet(now);
    const expected = move ? combineOldAndNewPlacement(move, after) : after;
    if (now && isSameJson(placementOfDaemonSet(now), expected)) continue;
    const name = key.split('/').slice(2).join('/');
    throw new Error(
      `DaemonSet ${name} in the cluster does not select ${move ? 'the nodes of its old placement together with ' : ''}the nodes of its manifest: run ${suggestedCommand('apply', '--keep-placement')} first, which adds the new placement without moving nodes`,
    );
  }
}

async function preparePlacementMove(
  id: string,
  daemonSets: readonly ClusterObject[],
  { selector, canary, steps }: MoveOptions,
  { kubectl }: RolloutTools,
): Promise<RolloutWork> {
  const readNodes = (labels?: string) =>
    listObjects(kubectl, 'nodes', ...(labels === undefined ? [] : ['--selector', labels]));
  const all = await readNodes(selector);
  const moving = all.filter(({ metadata }) => isNodeAffectedByMove(metadata.labels ?? {}, id, daemonSets));
  const pods = moving.map(({ metadata: { name, labels = {} } }) => ({
    ...{ namespace: '', name, daemonSet: '', node: name, isStable: true },
    isCurrent: labels[MOVED_LABEL] === id,
  }));
  const online = nodeNames(all.filter(isNodeOrPodReady));
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
      const held = await readDaemonSetPodsWithNodeNames(daemonSets, kubectl);
      const labels = new Map(now.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
      const checkNodeMovedAndReady = (node: string) =>
        recordRestartsAndCheckNodeMoved(node, labels.get(node) ?? {}, daemonSets, held, seen);
      return { online: nodeNames(now.filter(isNodeOrPodReady)), isStable: checkNodeMovedAndReady };
    },
  };
}

/** Returns whether the move changes which DaemonSets select a node. */
function isNodeAffectedByMove(
  labels: Readonly<Record<string, string>>,
  id: string,
  daemonSets: readonly ClusterObject[],
): boolean {
  const { [MOVED_LABEL]: moved, ...others } = labels;
  // If the node has the label of an earlier, unfinished move, this label determines its current pods.
  const before = moved === id ? others : labels;
  const after = { ...labels, [MOVED_LABEL]: id };
  return daemonSets.some(
    (manifest) =>
      isNodeSelectedByWorkload({ manifest }, before) !== isNodeSelectedByWorkload({ manifest }, after),
  );
}

/**
 * Returns whether a node has been moved: each DaemonSet that selects the node has one ready pod on the node, other
 * DaemonSets have no pod there, and no container has restarted since the previous check. The first check of a node
 * returns false.
 * @param seen restarts on each node at the previous check. The function replaces them by the current restarts
 */
function recordRestartsAndCheckNodeMoved(
  node: string,
  labels: Readonly<Record<string, string>>,
  daemonSets: readonly ClusterObject[],
  held: readonly DaemonSetPodOnNode[],
  seen: Map<string, number>,
): boolean {
  const own = held.filter((pod) => pod.node === node);
  const restarts = own.reduce((sum, pod) => sum + pod.restarts, 0);
  const isQuiet = seen.get(node) === restarts;
  seen.set(node, restarts);
  return (
    isQuiet &&
    daemonSets.every((manifest) => {
      const pods = own.filter(({ daemonSet }) => daemonSet === namespacedNameOfDaemonSet(manifest));
      return isNodeSelectedByWorkload({ manifest }, labels)
        ? pods.length === 1 && pods[0]?.isReady
        : pods.length === 0;
    })
  );
}

async function readDaemonSetPodsWithNodeNames(
  daemonSets: readonly ClusterObject[],
  kubectl: RolloutTools['kubectl'],
): Promise<DaemonSetPodOnNode[]> {
  const held: DaemonSetPodOnNode[] = [];
  for (const namespace of new Set(daemonSets.map(({ metadata }) => metadata.namespace))) {
    const pods = await listObjects(kubectl, 'pods', '--namespace', namespace);
    held.push(...pods.flatMap((pod) => parseDaemonSetPodOnNode(pod, namespace)));
  }
  return held;
}

function parseDaemonSetPodOnNode(pod: ClusterObject, namespace: string): DaemonSetPodOnNode[] {
  const owner = pod.metadata.ownerReferences?.find(({ kind }: ClusterObject) => kind === 'DaemonSet');
  const node = pod.spec?.nodeName;
  if (!owner || !node) return [];
  const restarts = (pod.status?.containerStatuses ?? []).reduce(
    (sum: number, { restartCount }: ClusterObject) => sum + restartCount,
    0,
  );
  return [{ daemonSet: `${namespace}/${owner.name}`, node, isReady: isNodeOrPodReady(pod), restarts }];
}

const namespacedNameOfDaemonSet = ({ metadata }: ClusterObject): string =>
  `${metadata.namespace}/${metadata.name}`;

const nodeNames = (nodes: readonly ClusterObject[]): Set<string> =>
  new Set(nodes.map(({ metadata }) => metadata.name));
