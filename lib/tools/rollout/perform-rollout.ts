import type { Kubectl } from '../process/kubectl';
import {
  type DaemonSetName,
  type EdgePod,
  type FleetState,
  readFleetState,
  readNodeNames,
} from './fleet-state';
import {
  performRolloutSteps,
  printKubectlContext,
  type RolloutStepOptions,
  type RolloutTools,
} from './perform-steps';
import { planRollout } from './plan';

/** Options for `performRollout`. */
export interface RolloutOptions extends RolloutStepOptions {
  readonly daemonSets: readonly DaemonSetName[];
}

/** Maximum number of pods that one call of kubectl deletes, to limit the length of the command line. */
const PODS_PER_CALL = 100;

/**
 * Updates the pods of DaemonSets in steps: deletes pods with an outdated template on a group of nodes, waits until the new
 * pods are ready, and continues with the next group. Without `options.apply`, only prints the plan.
 * @throws Error when the pods of a group are not ready within the timeout. Another run continues with the remaining nodes.
 */
export async function performRollout(options: RolloutOptions, tools: RolloutTools): Promise<void> {
  const { kubectl } = tools;
  const { daemonSets, selector, canary, steps } = options;
  await printKubectlContext(tools);
  const fleet = await readFleetState(kubectl, daemonSets, selector);
  const first = canary === undefined ? undefined : await readNodeNames(kubectl, canary);
  const work = {
    subject: `DaemonSets: ${daemonSets.map(({ namespace, name }) => `${namespace}/${name}`).join(', ')}`,
    plan: planRollout(fleet, { canary: first, steps }),
    updateNodes: (nodes: readonly string[]) => deleteOutdatedPods(nodes, fleet, options, kubectl),
    readHealth: async () => {
      const now = await readFleetState(kubectl, daemonSets, selector);
      return { online: now.online, isStable: (node: string) => isNodeUpdated(node, fleet, now) };
    },
  };
  await performRolloutSteps(work, options, tools);
}

async function deleteOutdatedPods(
  nodes: readonly string[],
  { pods }: FleetState,
  { daemonSets }: RolloutOptions,
  kubectl: Kubectl,
): Promise<void> {
  for (const namespace of new Set(daemonSets.map((one) => one.namespace))) {
    const names = pods
      .filter((pod) => pod.namespace === namespace && !pod.isCurrent && nodes.includes(pod.node))
      .map(({ name }) => name);
    for (let at = 0; at < names.length; at += PODS_PER_CALL) {
      const some = names.slice(at, at + PODS_PER_CALL);
      // kubectl must not wait: a node that loses its connection does not confirm the deletion.
      await kubectl(
        'delete',
        'pods',
        '--namespace',
        namespace,
        '--wait=false',
        '--ignore-not-found',
        ...some,
      );
    }
  }
}

/**
 * Returns whether a node is updated: each pod on the node has the latest template and is stable, and each DaemonSet
 * that had a pod on the node before the rollout has a pod there now.
 */
function isNodeUpdated(node: string, before: FleetState, now: FleetState): boolean {
  const namespacedNameOfDaemonSet = ({ namespace, daemonSet }: EdgePod) => `${namespace}/${daemonSet}`;
  const wanted = before.pods.filter((pod) => pod.node === node).map(namespacedNameOfDaemonSet);
  const own = now.pods.filter((pod) => pod.node === node);
  return (
    own.every(({ isCurrent, isStable }) => isCurrent && isStable) &&
    wanted.every((id) => own.some((pod) => namespacedNameOfDaemonSet(pod) === id))
  );
}
