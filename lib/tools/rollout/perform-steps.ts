import { setTimeout } from 'node:timers/promises';
import type { CommandIo } from '../process/command-io';
import type { Kubectl } from '../process/kubectl';
import { createProgressLine, type ShowProgress } from '../process/terminal';
import type { RolloutGroup, RolloutOrder, RolloutPlan } from './plan';

/** Steps and nodes of a rollout. */
export interface RolloutPace extends Pick<RolloutOrder, 'steps'> {
  /** Label selector of the nodes to update. @default - all nodes that run the DaemonSets */
  readonly selector?: string;
  /** Label selector of the nodes to update first. @default - the first node by name */
  readonly canary?: string;
  /** Whether to perform the rollout; otherwise only the plan is printed. */
  readonly apply: boolean;
  /** How long a group may take to become ready. */
  readonly timeoutSeconds: number;
  /** How long a group must stay ready before the next one. */
  readonly watchSeconds: number;
  /** Interval between two checks. */
  readonly pauseSeconds: number;
}

/** Tools of a rollout: kubectl, a clock, and input and output. */
export interface RolloutTools {
  readonly kubectl: Kubectl;
  readonly io: CommandIo;
  readonly clock: Clock;
}

/** Time in seconds. */
export interface Clock {
  readonly now: () => number;
  readonly sleep: (seconds: number) => Promise<void>;
}

/** The clock of this machine. */
export const clock: Clock = {
  now: () => performance.now() / 1_000,
  sleep: (seconds) => setTimeout(seconds * 1_000),
};

/** Operations of a rollout, and how to check their success. */
export interface RolloutWork {
  /** Subject for messages, in one line. */
  readonly subject: string;
  readonly plan: RolloutPlan;
  /** Updates some nodes at once. */
  readonly updateNodes: (nodes: readonly string[]) => Promise<void>;
  readonly readHealth: () => Promise<FleetHealth>;
}

/** State of a fleet's nodes at a point in time. */
export interface FleetHealth {
  /** Names of the nodes that are connected according to the API server. */
  readonly online: ReadonlySet<string>;
  readonly isStable: (node: string) => boolean;
}

/**
 * Updates nodes in steps, and continues when the updated ones are ready.
 * @throws Error at the first group that is not ready in time. A further run continues with the rest.
 */
export async function performSteps(
  work: RolloutWork,
  options: RolloutPace,
  tools: RolloutTools,
): Promise<void> {
  const printLine = (text: string) => tools.io.stdout(`${text}\n`);
  const { plan } = work;
  printPlan(work, printLine);
  if (!options.apply) {
    if (plan.groups.length) printLine('nothing was done; use --apply to perform it');
    return;
  }
  const later = new Set(plan.offline);
  for (const group of plan.groups) {
    await work.updateNodes(group.nodes);
    const show = createProgressLine(tools.io);
    const { left } = await waitUntilReady(group, work, options, tools, show).finally(() => show(''));
    for (const node of left) later.add(node);
    printLine(`${group.title}: ready on ${group.nodes.length - left.length} of ${group.nodes.length} nodes`);
  }
  if (later.size) printLine(`not updated, since they are not connected: ${[...later].sort().join(', ')}`);
}

/** Prints the cluster before any prompt. */
export async function printCluster({ kubectl, io }: RolloutTools): Promise<void> {
  io.stdout(`cluster: context ${(await kubectl('config', 'current-context')).trim()}\n`);
}

function printPlan({ subject, plan }: RolloutWork, say: (text: string) => void): void {
  say(subject);
  say(`connected and up to date: ${plan.current.length} nodes`);
  for (const { title, nodes } of plan.groups)
    say(`${title}: ${nodes.length} nodes: ${abbreviateNodes(nodes)}`);
  if (plan.offline.length) {
    say(`not connected, skipped: ${plan.offline.length} nodes: ${plan.offline.join(', ')}`);
  }
  if (plan.groups.length === 0) say('nothing to do on connected nodes');
}

const abbreviateNodes = (nodes: readonly string[]): string =>
  nodes.length > 12 ? `${nodes.slice(0, 10).join(', ')} and ${nodes.length - 10} more` : nodes.join(', ');

/**
 * Waits until all connected nodes of a group run new pods that stay ready.
 * @returns nodes that lost their connection meanwhile.
 * @throws Error that lists the nodes after the timeout, or when half of the group lost its connection.
 */
async function waitUntilReady(
  { title, nodes }: RolloutGroup,
  work: RolloutWork,
  options: RolloutPace,
  { clock: { now, sleep } }: RolloutTools,
  show: ShowProgress,
): Promise<{ left: readonly string[] }> {
  const deadline = now() + options.timeoutSeconds;
  let stableSince: number | undefined;
  for (;;) {
    const { online, isStable } = await work.readHealth();
    const left = nodes.filter((node) => !online.has(node));
    const unstable = nodes.filter((node) => online.has(node) && !isStable(node));
    const isLost = left.length * 2 >= nodes.length;
    stableSince = unstable.length || isLost ? undefined : (stableSince ?? now());
    if (stableSince !== undefined && now() - stableSince >= options.watchSeconds) return { left };
    if (now() > deadline) throw new Error(stoppedMessage(title, options, unstable, isLost ? left : []));
    const missing = unstable.length + left.length;
    show(
      missing
        ? `${title}: ${missing} of ${nodes.length} nodes not ready yet ...`
        : `${title}: ready, watching ...`,
    );
    await sleep(options.pauseSeconds);
  }
}

function stoppedMessage(
  title: string,
  { timeoutSeconds }: RolloutPace,
  unstable: readonly string[],
  lost: readonly string[],
): string {
  const names = [...unstable, ...lost.map((node) => `${node} (no longer connected)`)];
  return (
    `${title}: not ready after ${timeoutSeconds} s, stopped: ${names.join(', ')}; ` +
    'check their pods, then run the command again to continue with the rest'
  );
}
