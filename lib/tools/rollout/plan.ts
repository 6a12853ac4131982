import type { EdgePod, FleetState } from './fleet-state';

/** In which order nodes take a new template. */
export interface RolloutOrder {
  /** Nodes that go first, all at once. @default - the first by name */
  readonly canary?: ReadonlySet<string>;
  /** Shares of all nodes that are connected, in percent, ascending to 100. */
  readonly steps: readonly number[];
}

/** Nodes that roll together. */
export interface RolloutGroup {
  readonly title: string;
  readonly nodes: readonly string[];
}

/** What is to be done, as far as it can be told from the state of the fleet. */
export interface RolloutPlan {
  readonly groups: readonly RolloutGroup[];
  /** Nodes that run an older template and are not connected. */
  readonly offline: readonly string[];
  /** Nodes that are connected and run the newest templates. */
  readonly current: readonly string[];
}

/**
 * The plan from where the fleet is now: nodes that run the newest templates count for the percentages, so that
 * a rollout which was stopped goes on where it was.
 */
export function planRollout({ online, pods }: FleetState, { canary, steps }: RolloutOrder): RolloutPlan {
  const outdated = unique(pods.filter(({ isCurrent }) => !isCurrent)).sort();
  const waiting = outdated.filter((node) => online.has(node));
  const current = unique(pods).filter((node) => online.has(node) && !outdated.includes(node));
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

const unique = (pods: readonly EdgePod[]): string[] => [...new Set(pods.map(({ node }) => node))];
