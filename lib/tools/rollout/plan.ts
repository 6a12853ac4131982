import type { EdgePod, FleetState } from './fleet-state';

/** Options that determine the order in which nodes are updated. */
export interface RolloutOrder {
  /** Nodes to update first, all at once. @default - the first outdated node by name */
  readonly canary?: ReadonlySet<string>;
  /** Percentages of the connected nodes that are up to date after each step, in ascending order. The last one is 100. */
  readonly steps: readonly number[];
}

/** Nodes that are updated at the same time. */
export interface RolloutGroup {
  /**
   * `canary`, or the percentage of connected nodes that are up to date after the update of this group, such as `25 %`.
   */
  readonly title: string;
  readonly nodes: readonly string[];
}

/** The remaining steps of a rollout. */
export interface RolloutPlan {
  readonly groups: readonly RolloutGroup[];
  /** Disconnected nodes with outdated pods. */
  readonly offline: readonly string[];
  /** Connected nodes whose pods are all up to date. */
  readonly current: readonly string[];
}

/**
 * Plans a rollout from the current state of the fleet. The percentages include nodes that are already up to date, so an
 * interrupted rollout continues where it stopped.
 */
export function planRollout({ online, pods }: FleetState, { canary, steps }: RolloutOrder): RolloutPlan {
  const outdated = nodeNamesOfPods(pods.filter(({ isCurrent }) => !isCurrent)).sort();
  const waiting = outdated.filter((node) => online.has(node));
  const current = nodeNamesOfPods(pods).filter((node) => online.has(node) && !outdated.includes(node));
  const first = canary ? waiting.filter((node) => canary.has(node)) : waiting.slice(0, 1);
  const rest = waiting.filter((node) => !first.includes(node));
  const total = waiting.length + current.length;
  const groups = steps.map((percent) => {
    const wanted = Math.ceil((total * percent) / 100) - current.length - first.length;
    return { title: `${percent} %`, upTo: Math.max(0, wanted) };
  });
  const cut = groups.map(({ title, upTo }, index) => ({
    title,
    nodes: rest.slice(groups[index - 1]?.upTo ?? 0, upTo),
  }));
  return {
    groups: [{ title: 'canary', nodes: first }, ...cut].filter(({ nodes }) => nodes.length > 0),
    offline: outdated.filter((node) => !online.has(node)),
    current,
  };
}

const nodeNamesOfPods = (pods: readonly EdgePod[]): string[] => [...new Set(pods.map(({ node }) => node))];
