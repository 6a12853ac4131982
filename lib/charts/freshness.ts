import type { Duration } from '../core/units';
import type { MetricsProfile } from '../edge/node-exporter';
import type { EdgeGroupSettings, EdgeSettings } from './edge-settings';
import type { ServedGroup } from './served-groups';

/**
 * How old what the cloud knows of a node may be, against the bytes on its uplink. Each choice was measured as a whole
 * (docs/metrics.md): interval, profile and `sending.batchWait` depend on each other.
 */
export type Freshness = 'fresh' | 'balanced' | 'frugal';

/** What a choice sets. */
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

/** The group with what its choice sets, if it made one; nodes that push to a Pushgateway have no batches. */
export function paced({ freshness, ...group }: ServedGroup): ServedGroup {
  if (!freshness || group.transport === 'pushgateway') return group;
  const { interval, profile, batchWait } = FRESHNESS[freshness];
  const { agent } = group;
  return { ...group, interval, profile, agent: { ...agent, sending: { ...agent?.sending, batchWait } } };
}

/** A sentence for each setting that a choice of freshness already made. */
export function contradictions({ freshness, groups = [], ...edge }: EdgeSettings): string[] {
  const ofEdge = { freshness, path: 'settings.edge' };
  return [
    ...contradicted(edge, 'settings.edge', ofEdge),
    ...groups.flatMap((group, index) => {
      if (group.transport === 'pushgateway') return [];
      const path = `settings.edge.groups[${index}]`;
      return contradicted(group, path, group.freshness ? { freshness: group.freshness, path } : ofEdge);
    }),
  ];
}

function contradicted(
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
