import type { Transport } from '../contracts/metrics-sink';
import type { Duration } from '../core/units';
import type { MetricsProfile } from '../edge/node-exporter';
import type { EdgeGroupSettings, EdgeSettings } from './edge-settings';
import type { ResolvedNodeGroup } from './node-groups';

/**
 * Age of metrics when they arrive in the cloud. Fresher metrics need more uplink traffic. Each value is a measured
 * combination of `interval`, `profile` and `agent.sending.batchWait` (docs/metrics.md).
 */
export type Freshness = 'fresh' | 'balanced' | 'frugal';

/** Settings that a freshness value sets. */
interface FreshnessSettings {
  readonly interval: Duration;
  readonly profile: MetricsProfile;
  readonly batchWait: Duration;
}

/** Settings for each freshness value. */
export const FRESHNESS: Readonly<Record<Freshness, FreshnessSettings>> = {
  fresh: { interval: '10s', profile: 'standard', batchWait: '25s' },
  balanced: { interval: '10s', profile: 'standard', batchWait: '54s' },
  frugal: { interval: '30s', profile: 'standard', batchWait: '2m' },
};

/**
 * Returns a node group without `freshness`, but with the settings that the value of `freshness` stands for: `interval`,
 * `profile` and `agent.sending.batchWait`. With the transport "pushgateway", the function only removes `freshness`.
 */
export function expandFreshnessSetting({ freshness, ...group }: ResolvedNodeGroup): ResolvedNodeGroup {
  if (!freshness || group.transport === 'pushgateway') return group;
  const { interval, profile, batchWait } = FRESHNESS[freshness];
  const { agent } = group;
  return { ...group, interval, profile, agent: { ...agent, sending: { ...agent?.sending, batchWait } } };
}

/**
 * Returns an error for each setting that conflicts with a value of `freshness`, and for each value of `freshness`
 * that has no effect.
 * @param byDefault default of the setting `transport` of edge nodes
 */
export function freshnessSettingProblems(edge: EdgeSettings, byDefault: Transport): readonly string[] {
  const { transport = byDefault, groups = [] } = edge;
  return [
    ...problemsOfEdgeOptionsInConflictWithFreshness(edge),
    ...problemsOfFreshnessWithoutEffect('settings.edge', edge, transport),
    ...groups.flatMap((group, index) =>
      problemsOfFreshnessWithoutEffect(`settings.edge.groups[${index}]`, group, group.transport ?? transport),
    ),
  ];
}

/**
 * Returns an error if `freshness` is set for nodes that use a Pushgateway. The setting would have no effect,
 * because only metrics agents send batches.
 */
function problemsOfFreshnessWithoutEffect(
  path: string,
  { freshness }: Pick<EdgeSettings, 'freshness'>,
  transport: Transport,
): readonly string[] {
  if (freshness === undefined || transport === 'remote-write') return [];
  return [
    `${path}.freshness has no effect with the transport "${transport}": set the transport to "remote-write", or remove the setting freshness`,
  ];
}

/**
 * Returns an error for each option that `edge` or one of its groups contains, although `freshness` already sets the
 * option.
 */
function problemsOfEdgeOptionsInConflictWithFreshness({
  freshness,
  groups = [],
  ...edge
}: EdgeSettings): string[] {
  const ofEdge = { freshness, path: 'settings.edge' };
  return [
    ...problemsOfNodeOptionsInConflictWithFreshness(edge, 'settings.edge', ofEdge),
    ...groups.flatMap((group, index) => {
      if (group.transport === 'pushgateway') return [];
      const path = `settings.edge.groups[${index}]`;
      return problemsOfNodeOptionsInConflictWithFreshness(
        group,
        path,
        group.freshness ? { freshness: group.freshness, path } : ofEdge,
      );
    }),
  ];
}

/**
 * Returns an error for each option that the settings at `path` contain, although `freshness` already sets the option.
 * @param path path of `settings.edge` or of one group in it
 * @param choice the value of `freshness` for the nodes, and the path of the settings with this value
 */
function problemsOfNodeOptionsInConflictWithFreshness(
  { interval, profile, agent }: Omit<EdgeGroupSettings, 'name'>,
  path: string,
  choice: { readonly freshness?: Freshness; readonly path: string },
): string[] {
  if (!choice.freshness) return [];
  const pace = FRESHNESS[choice.freshness];
  const given: readonly [option: string, value: unknown, set: unknown][] = [
    ['interval', interval, pace.interval],
    ['profile', profile, pace.profile],
    ['agent.sending.batchWait', agent?.sending?.batchWait, pace.batchWait],
  ];
  return given.flatMap(([option, value, set]) =>
    value === undefined
      ? []
      : [
          `${path}.${option} is ${JSON.stringify(value)}, but ${choice.path}.freshness "${choice.freshness}" sets this option to ${JSON.stringify(set)}: remove one of the two settings`,
        ],
  );
}
