import type { Transport } from '../contracts/metrics-sink';
import type { Duration } from '../core/units';
import type { MetricsProfile } from '../edge/node-exporter';
import type { EdgeGroupSettings, EdgeSettings } from './edge-settings';
import type { ServedGroup } from './served-groups';

/**
 * Freshness of metrics, traded against uplink traffic. Each value was measured as a combination
 * (docs/metrics.md), since interval, profile and `sending.batchWait` depend on each other.
 */
export type Freshness = 'fresh' | 'balanced' | 'frugal';

/** Settings that a freshness value implies. */
interface Pace {
  readonly interval: Duration;
  readonly profile: MetricsProfile;
  readonly batchWait: Duration;
}

export const FRESHNESS: Readonly<Record<Freshness, Pace>> = {
  fresh: { interval: '10s', profile: 'standard', batchWait: '25s' },
  balanced: { interval: '10s', profile: 'standard', batchWait: '54s' },
  frugal: { interval: '30s', profile: 'standard', batchWait: '2m' },
};

/**
 * Returns a node group with the settings of its freshness, if it has one. Nodes that push to a Pushgateway
 * have no batches.
 */
export function applyFreshness({ freshness, ...group }: ServedGroup): ServedGroup {
  if (!freshness || group.transport === 'pushgateway') return group;
  const { interval, profile, batchWait } = FRESHNESS[freshness];
  const { agent } = group;
  return { ...group, interval, profile, agent: { ...agent, sending: { ...agent?.sending, batchWait } } };
}

/**
 * Returns an error for each setting that conflicts with a freshness value, and for each freshness value
 * without effect.
 * @param byDefault transport of nodes that do not set one
 */
export function freshnessProblems(edge: EdgeSettings, byDefault: Transport): readonly string[] {
  const { transport = byDefault, groups = [] } = edge;
  return [
    ...freshnessContradictions(edge),
    ...unsupportedFreshness('settings.edge', edge, transport),
    ...groups.flatMap((group, index) =>
      unsupportedFreshness(`settings.edge.groups[${index}]`, group, group.transport ?? transport),
    ),
  ];
}

/** Only agents send batches; pushed metrics are as fresh as the interval. */
function unsupportedFreshness(
  path: string,
  { freshness }: Pick<EdgeSettings, 'freshness'>,
  transport: Transport,
): readonly string[] {
  if (freshness === undefined || transport === 'remote-write') return [];
  return [
    `${path}.freshness has no effect under the transport "${transport}"; allowed: transport "remote-write", or remove it`,
  ];
}

function freshnessContradictions({ freshness, groups = [], ...edge }: EdgeSettings): string[] {
  const ofEdge = { freshness, path: 'settings.edge' };
  return [
    ...contradictionsOfGroup(edge, 'settings.edge', ofEdge),
    ...groups.flatMap((group, index) => {
      if (group.transport === 'pushgateway') return [];
      const path = `settings.edge.groups[${index}]`;
      return contradictionsOfGroup(
        group,
        path,
        group.freshness ? { freshness: group.freshness, path } : ofEdge,
      );
    }),
  ];
}

function contradictionsOfGroup(
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
          `${path}.${option} is ${JSON.stringify(value)}, and ${choice.path}.freshness "${choice.freshness}" sets it to ` +
            `${JSON.stringify(set)}; allowed: one of the two`,
        ],
  );
}
