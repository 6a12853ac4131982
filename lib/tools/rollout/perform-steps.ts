import { setTimeout } from 'node:timers/promises';
import type { CommandIo } from '../process/command-io';
import type { Kubectl } from '../process/kubectl';
import { createProgressPrinter, type ShowProgress } from '../process/terminal';
import type { RolloutGroup, RolloutOrder, RolloutPlan } from './plan';

/** Options of a rollout: the nodes to update, the steps and the timeouts. */
export interface RolloutStepOptions extends Pick<RolloutOrder, 'steps'> {
  /** Label selector of the nodes to update. @default - all nodes that run pods of the DaemonSets */
  readonly selector?: string;
  /** Label selector of the nodes to update first. @default - the first outdated node by name */
  readonly canary?: string;
  /** Whether to perform the rollout. If false, only the plan is printed. */
  readonly apply: boolean;
  /** Maximum time until the new pods on a group of nodes are ready, in seconds. */
  readonly timeoutSeconds: number;
  /** Time in seconds for which the new pods on a group of nodes must stay ready before the next group is updated. */
  readonly watchSeconds: number;
  /** Interval between two checks of the pods, in seconds. */
  readonly pauseSeconds: number;
}

/** Functions with which a rollout accesses the cluster, the terminal and the clock. */
export interface RolloutTools {
  readonly kubectl: Kubectl;
  readonly io: CommandIo;
  readonly clock: Clock;
}

/** A clock that returns the seconds since an arbitrary point in time. */
export interface Clock {
  readonly now: () => number;
  readonly sleep: (seconds: number) => Promise<void>;
}

/** The clock of this machine. */
export const clock: Clock = {
  now: () => performance.now() / 1_000,
  sleep: (seconds) => setTimeout(seconds * 1_000),
};

/** The plan of a rollout, and the functions that update nodes and read whether nodes are ready. */
export interface RolloutWork {
  /** First line of the output, which names the DaemonSets. */
  readonly subject: string;
  readonly plan: RolloutPlan;
  /** Updates the given nodes at once. Does not wait until the pods on these nodes are ready. */
  readonly updateNodes: (nodes: readonly string[]) => Promise<void>;
  readonly readHealth: () => Promise<FleetHealth>;
}

/** Health of the nodes at a point in time. */
export interface FleetHealth {
  /** Names of the nodes that are ready, that is, connected to the API server. */
  readonly online: ReadonlySet<string>;
  /** Returns whether a node is updated and its pods are ready. */
  readonly isStable: (node: string) => boolean;
}

/**
 * Prints the plan of a rollout. With `options.apply`, updates the nodes in steps. Each step starts when the nodes of the
 * previous step are ready.
 * @throws Error when the nodes of a group are not ready within the timeout. Another run continues with the remaining nodes.
 */
export async function performRolloutSteps(
  work: RolloutWork,
  options: RolloutStepOptions,
  tools: RolloutTools,
): Promise<void> {
  const printLine = (text: string) => tools.io.stdout(`${text}\n`);
  const { plan } = work;
  printRolloutPlan(work, printLine);
  if (!options.apply) {
    if (plan.groups.length) printLine('nothing was changed; use --apply to perform the rollout');
    return;
  }
  const later = new Set(plan.offline);
  for (const group of plan.groups) {
    await work.updateNodes(group.nodes);
    const show = createProgressPrinter(tools.io);
    const { left } = await waitUntilNodesReady(group, work, options, tools, show).finally(() => show(''));
    for (const node of left) later.add(node);
    printLine(`${group.title}: ready on ${group.nodes.length - left.length} of ${group.nodes.length} nodes`);
  }
  if (later.size)
    printLine(
      `these nodes were not updated, because they are not connected: ${[...later].sort().join(', ')}; run the command again later`,
    );
}

/** Prints the kubectl context, so that the user sees which cluster the command changes. */
export async function printKubectlContext({ kubectl, io }: RolloutTools): Promise<void> {
  io.stdout(`cluster: context ${(await kubectl('config', 'current-context')).trim()}\n`);
}

function printRolloutPlan({ subject, plan }: RolloutWork, say: (text: string) => void): void {
  say(subject);
  say(`${plan.current.length} nodes are already up to date`);
  for (const { title, nodes } of plan.groups)
    say(`${title}: ${nodes.length} nodes: ${abbreviateNodeList(nodes)}`);
  if (plan.offline.length) {
    say(
      `${plan.offline.length} nodes are skipped, because they are not connected: ${plan.offline.join(', ')}`,
    );
  }
  if (plan.groups.length === 0) say('nothing to update on connected nodes');
}

const abbreviateNodeList = (nodes: readonly string[]): string =>
  nodes.length > 12 ? `${nodes.slice(0, 10).join(', ')} and ${nodes.length - 10} more` : nodes.join(', ');

/**
 * Waits until the new pods on all connected nodes of a group stay ready for `watchSeconds`.
 * @returns as `left` the nodes of the group that are no longer connected
 * @throws Error with the names of the nodes in these cases at the end of the timeout:
 * - some pods are not ready
 * - at least half of the nodes of the group are no longer connected
 */
async function waitUntilNodesReady(
  { title, nodes }: RolloutGroup,
  work: RolloutWork,
  options: RolloutStepOptions,
  { clock: { now, sleep } }: RolloutTools,
  show: ShowProgress,
): Promise<{ left: readonly string[] }> {
  const deadline = now() + options.timeoutSeconds;
  let stableSince: number | undefined;
  for (;;) {
    const { online, isStable } = await work.readHealth();
    const left = nodes.filter((node) => !online.has(node));
    const unstable = nodes.filter((node) => online.has(node) && !isStable(node));
    const lost = left.length * 2 >= nodes.length ? left : [];
    stableSince = unstable.length || lost.length ? undefined : (stableSince ?? now());
    if (stableSince !== undefined && now() - stableSince >= options.watchSeconds) return { left };
    if (stableSince === undefined && now() > deadline)
      throw new Error(unreadyPodsMessage(title, options, unstable, lost));
    const missing = unstable.length + left.length;
    show(
      missing
        ? `${title}: ${missing} of ${nodes.length} nodes are not ready yet ...`
        : `${title}: ready, watching for restarts ...`,
    );
    await sleep(options.pauseSeconds);
  }
}

function unreadyPodsMessage(
  title: string,
  { timeoutSeconds }: RolloutStepOptions,
  unstable: readonly string[],
  lost: readonly string[],
): string {
  const names = [...unstable, ...lost.map((node) => `${node} (no longer connected)`)];
  return `${title}: stopped, because pods are not ready after ${timeoutSeconds} s on these nodes: ${names.join(', ')}; check these pods, then run the command again to continue with the remaining nodes`;
}
