import { setTimeout } from 'node:timers/promises';
import type { CommandIo } from '../process/command-io';
import type { Kubectl } from '../process/kubectl';
import { type Progress, progress } from '../process/terminal';
import { type DaemonSetName, type EdgePod, type FleetState, nodesWhere, readFleet } from './fleet-state';
import { planRollout, type RolloutGroup, type RolloutPlan } from './plan';

/** What a rollout is told. */
export interface RolloutOptions {
  readonly daemonSets: readonly DaemonSetName[];
  /** Label selector of the nodes that it is about. @default - all that run the DaemonSets */
  readonly selector?: string;
  /** Label selector of the nodes that go first. @default - the first node by name */
  readonly canary?: string;
  /** Percentages, ascending to 100. */
  readonly steps: readonly number[];
  /** Whether anything is done; otherwise the plan is shown. */
  readonly apply: boolean;
  /** How long a group may take to be well. */
  readonly timeoutSeconds: number;
  /** How long it has to be well before the next one. */
  readonly watchSeconds: number;
  /** Between two looks. */
  readonly pauseSeconds: number;
}

/** What a rollout works with. */
export interface RolloutTools {
  readonly kubectl: Kubectl;
  readonly io: CommandIo;
  readonly clock: Clock;
}

/** Time, in seconds. */
export interface Clock {
  readonly now: () => number;
  readonly sleep: (seconds: number) => Promise<void>;
}

/** This machine's time. */
export const clock: Clock = {
  now: () => performance.now() / 1_000,
  sleep: (seconds) => setTimeout(seconds * 1_000),
};

/** So many names fit into one command line. */
const PODS_A_CALL = 100;

/**
 * Rolls the DaemonSets of a fleet group by group: deletes the pods that were made from an older template, and
 * goes on when the new ones are well.
 *
 * @throws Error at the first group that is not well in time. Run again, it goes on with what is left.
 */
export async function performRollout(options: RolloutOptions, tools: RolloutTools): Promise<void> {
  const { kubectl } = tools;
  const say = (text: string) => tools.io.stdout(`${text}\n`);
  say(`cluster: context ${(await kubectl('config', 'current-context')).trim()}`);
  const { canary, steps } = options;
  const fleet = await readFleet(kubectl, options.daemonSets, options.selector);
  const first = canary === undefined ? undefined : await nodesWhere(kubectl, canary);
  const plan = planRollout(fleet, { canary: first, steps });
  describe(plan, options, say);
  if (!options.apply) {
    if (plan.groups.length) say('nothing was done: --apply does it');
    return;
  }
  const later = new Set(plan.offline);
  for (const group of plan.groups) {
    await roll(group, fleet, options, kubectl);
    const show = progress(tools.io);
    const { left } = await waitUntilWell(group, fleet, options, tools, show).finally(() => show(''));
    for (const node of left) later.add(node);
    say(`${group.title}: well on ${group.nodes.length - left.length} of ${group.nodes.length} nodes`);
  }
  if (later.size) say(`for later, when they are connected: ${[...later].sort().join(', ')}`);
}

function describe(plan: RolloutPlan, { daemonSets }: RolloutOptions, say: (text: string) => void): void {
  say(`DaemonSets: ${daemonSets.map(({ namespace, name }) => `${namespace}/${name}`).join(', ')}`);
  say(`connected and up to date: ${plan.current.length} nodes`);
  for (const { title, nodes } of plan.groups) say(`${title}: ${nodes.length} nodes: ${shortened(nodes)}`);
  if (plan.offline.length) {
    say(`not connected, left for later: ${plan.offline.length} nodes: ${plan.offline.join(', ')}`);
  }
  if (plan.groups.length === 0) say('nothing is to be done on nodes that are connected');
}

const shortened = (nodes: readonly string[]): string =>
  nodes.length > 12 ? `${nodes.slice(0, 10).join(', ')} and ${nodes.length - 10} more` : nodes.join(', ');

async function roll(
  { nodes }: RolloutGroup,
  { pods }: FleetState,
  { daemonSets }: RolloutOptions,
  kubectl: Kubectl,
): Promise<void> {
  for (const namespace of new Set(daemonSets.map((one) => one.namespace))) {
    const names = pods
      .filter((pod) => pod.namespace === namespace && !pod.isCurrent && nodes.includes(pod.node))
      .map(({ name }) => name);
    for (let at = 0; at < names.length; at += PODS_A_CALL) {
      const some = names.slice(at, at + PODS_A_CALL);
      // A node that is lost meanwhile never says that the pod has ended.
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
 * Waits until every node of a group that is connected runs new pods which stay well for a while.
 *
 * @returns nodes that were lost meanwhile.
 * @throws Error that names the nodes when time is up, or when half of the group was lost.
 */
async function waitUntilWell(
  { title, nodes }: RolloutGroup,
  before: FleetState,
  options: RolloutOptions,
  { kubectl, clock: { now, sleep } }: RolloutTools,
  show: Progress,
): Promise<{ left: readonly string[] }> {
  const deadline = now() + options.timeoutSeconds;
  let wellSince: number | undefined;
  for (;;) {
    const fleet = await readFleet(kubectl, options.daemonSets, options.selector);
    const left = nodes.filter((node) => !fleet.online.has(node));
    const unwell = nodes.filter((node) => fleet.online.has(node) && !isWell(node, before, fleet));
    const isLost = left.length * 2 >= nodes.length;
    wellSince = unwell.length || isLost ? undefined : (wellSince ?? now());
    if (wellSince !== undefined && now() - wellSince >= options.watchSeconds) return { left };
    if (now() > deadline) throw new Error(stopped(title, options, unwell, isLost ? left : []));
    const missing = unwell.length + left.length;
    show(
      missing
        ? `${title}: ${missing} of ${nodes.length} nodes not well yet ...`
        : `${title}: well, watching ...`,
    );
    await sleep(options.pauseSeconds);
  }
}

function stopped(
  title: string,
  { timeoutSeconds }: RolloutOptions,
  unwell: readonly string[],
  lost: readonly string[],
): string {
  const names = [...unwell, ...lost.map((node) => `${node} (not connected any more)`)];
  return (
    `${title}: not well after ${timeoutSeconds} s, stopped: ${names.join(', ')}; ` +
    'look at their pods, then run the same again: it goes on with what is left'
  );
}

/** Whether a pod of each DaemonSet that the node ran is there again, new and well. */
function isWell(node: string, before: FleetState, now: FleetState): boolean {
  const idOf = ({ namespace, daemonSet }: EdgePod) => `${namespace}/${daemonSet}`;
  const wanted = before.pods.filter((pod) => pod.node === node).map(idOf);
  const own = now.pods.filter((pod) => pod.node === node);
  return (
    own.every(({ isCurrent, isWell: well }) => isCurrent && well) &&
    wanted.every((id) => own.some((pod) => idOf(pod) === id))
  );
}
