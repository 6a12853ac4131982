import { setTimeout } from 'node:timers/promises';
import type { CommandIo } from '../process/command-io';
import type { Kubectl } from '../process/kubectl';
import { type Progress, progress } from '../process/terminal';
import type { RolloutGroup, RolloutOrder, RolloutPlan } from './plan';

/** At which pace a rollout goes, and over which nodes. */
export interface RolloutPace extends Pick<RolloutOrder, 'steps'> {
  /** Label selector of the nodes that it is about. @default - all that run the DaemonSets */
  readonly selector?: string;
  /** Label selector of the nodes that go first. @default - the first node by name */
  readonly canary?: string;
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

/** What a rollout does to nodes, and how it tells that they are well afterwards. */
export interface RolloutWork {
  /** What it is about, in a line. */
  readonly subject: string;
  readonly plan: RolloutPlan;
  /** Changes nodes, all at once. */
  readonly change: (nodes: readonly string[]) => Promise<void>;
  readonly look: () => Promise<FleetHealth>;
}

/** How the nodes of a fleet are, at one moment. */
export interface FleetHealth {
  /** Names of the nodes that are connected, as far as the cloud knows. */
  readonly online: ReadonlySet<string>;
  readonly isWell: (node: string) => boolean;
}

/**
 * Changes nodes group by group, and goes on when those that were changed are well.
 *
 * @throws Error at the first group that is not well in time. Run again, it goes on with what is left.
 */
export async function performSteps(
  work: RolloutWork,
  options: RolloutPace,
  tools: RolloutTools,
): Promise<void> {
  const say = (text: string) => tools.io.stdout(`${text}\n`);
  const { plan } = work;
  describe(work, say);
  if (!options.apply) {
    if (plan.groups.length) say('nothing was done: --apply does it');
    return;
  }
  const later = new Set(plan.offline);
  for (const group of plan.groups) {
    await work.change(group.nodes);
    const show = progress(tools.io);
    const { left } = await waitUntilWell(group, work, options, tools, show).finally(() => show(''));
    for (const node of left) later.add(node);
    say(`${group.title}: well on ${group.nodes.length - left.length} of ${group.nodes.length} nodes`);
  }
  if (later.size) say(`for later, when they are connected: ${[...later].sort().join(', ')}`);
}

/** Says which cluster it is about, before anything is asked of it. */
export async function sayCluster({ kubectl, io }: RolloutTools): Promise<void> {
  io.stdout(`cluster: context ${(await kubectl('config', 'current-context')).trim()}\n`);
}

function describe({ subject, plan }: RolloutWork, say: (text: string) => void): void {
  say(subject);
  say(`connected and up to date: ${plan.current.length} nodes`);
  for (const { title, nodes } of plan.groups) say(`${title}: ${nodes.length} nodes: ${shortened(nodes)}`);
  if (plan.offline.length) {
    say(`not connected, left for later: ${plan.offline.length} nodes: ${plan.offline.join(', ')}`);
  }
  if (plan.groups.length === 0) say('nothing is to be done on nodes that are connected');
}

const shortened = (nodes: readonly string[]): string =>
  nodes.length > 12 ? `${nodes.slice(0, 10).join(', ')} and ${nodes.length - 10} more` : nodes.join(', ');

/**
 * Waits until every node of a group that is connected runs new pods which stay well for a while.
 *
 * @returns nodes that were lost meanwhile.
 * @throws Error that names the nodes when time is up, or when half of the group was lost.
 */
async function waitUntilWell(
  { title, nodes }: RolloutGroup,
  work: RolloutWork,
  options: RolloutPace,
  { clock: { now, sleep } }: RolloutTools,
  show: Progress,
): Promise<{ left: readonly string[] }> {
  const deadline = now() + options.timeoutSeconds;
  let wellSince: number | undefined;
  for (;;) {
    const { online, isWell } = await work.look();
    const left = nodes.filter((node) => !online.has(node));
    const unwell = nodes.filter((node) => online.has(node) && !isWell(node));
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
  { timeoutSeconds }: RolloutPace,
  unwell: readonly string[],
  lost: readonly string[],
): string {
  const names = [...unwell, ...lost.map((node) => `${node} (not connected any more)`)];
  return (
    `${title}: not well after ${timeoutSeconds} s, stopped: ${names.join(', ')}; ` +
    'look at their pods, then run the same again: it goes on with what is left'
  );
}
