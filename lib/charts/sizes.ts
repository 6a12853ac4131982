import type { Construct } from 'constructs';
import type { Resources } from '../core/pods';
import type { Cpu, Duration, Quantity } from '../core/units';
import { invalid } from '../core/validation';
import { HEADROOM } from '../fleet/coefficients';
import type { Fleet, FleetGroup } from '../fleet/fleet';
import { type FleetPlan, planFleet } from '../fleet/plan';
import type { EdgeSettings, Settings } from './settings';

/** Sizes of the cloud side; what is undefined is as large as its construct says. */
export interface Sizes {
  readonly prometheus?: { readonly storage: Quantity; readonly resources: Resources };
  readonly pushgateway?: { readonly shards: number; readonly resources: Resources };
  readonly gateway?: { readonly replicas: number; readonly storage: Quantity };
  readonly loki?: { readonly storage: Quantity };
}

const DEFAULTS = { longestOutage: '1h', outOfOrderWindow: '2h', metrics: '15d', logs: '30d' } as const;

/**
 * What the settings say of a fleet; undefined where they say nothing.
 *
 * @throws InvalidOptionError when some of its groups say how many nodes they have, and others do not.
 */
export function fleetOf(where: string, { edge = {}, retention, longestOutage }: Settings): Fleet | undefined {
  const { groups = [], ...others } = edge;
  const all = [
    { ...others, name: others.group ?? 'others' },
    ...groups.map((group) => ({ ...others, ...group, fleet: group.fleet })),
  ];
  const known = all.filter(({ fleet }) => fleet);
  if (known.length === 0) return undefined;
  const silent = all.slice(1).find(({ fleet }) => !fleet);
  if (silent) {
    throw invalid(
      where,
      `edge.groups has ${silent.name} without fleet, and others with it: say it of all groups`,
    );
  }
  return {
    groups: known.map(fleetGroup),
    retention: { metrics: retention?.metrics ?? DEFAULTS.metrics, logs: retention?.logs ?? DEFAULTS.logs },
    longestOutage: longestOutage ?? DEFAULTS.longestOutage,
    outOfOrderWindow: retention?.outOfOrderWindow ?? DEFAULTS.outOfOrderWindow,
  };
}

function fleetGroup({
  name,
  fleet,
  interval,
  ...group
}: EdgeSettings & { readonly name: string }): FleetGroup {
  const { transport = 'pushgateway', profile } = group;
  const byDefault = transport === 'remote-write' ? 'standard' : 'full';
  return {
    name,
    transport,
    nodes: fleet?.nodes ?? 0,
    interval: interval ?? ('10s' as Duration),
    series: fleet?.series ?? (typeof profile === 'object' ? 'standard' : (profile ?? byDefault)),
    logs: fleet?.logs,
    uplinkBudget: fleet?.uplinkBudget,
  };
}

/**
 * The sizes that a fleet needs; none where nobody says anything of it.
 *
 * @throws InvalidOptionError when the fleet contradicts itself, or a node would send more than its budget.
 */
export function sizesOf(scope: Construct, fleet: Fleet | undefined): Sizes {
  return fleet ? sized(planFleet(scope.node.path, fleet)) : {};
}

function sized({ prometheus, pushgateway, gateway, loki }: FleetPlan): Sizes {
  return {
    prometheus: {
      storage: gibibytes(Math.max(prometheus.storage, 20 * GIBI)),
      resources: resources(prometheus.cores, prometheus.memory, 512 * MEBI),
    },
    ...(pushgateway.shards > 0 && {
      pushgateway: {
        shards: pushgateway.shards,
        resources: resources(pushgateway.cores, pushgateway.memory, 128 * MEBI),
      },
    }),
    ...(gateway.replicas > 0 && {
      gateway: { replicas: gateway.replicas, storage: gibibytes(Math.max(gateway.storage, 5 * GIBI)) },
    }),
    ...(loki.storage > 0 && { loki: { storage: gibibytes(Math.max(loki.storage, 10 * GIBI)) } }),
  };
}

const MEBI = 2 ** 20;
const GIBI = 2 ** 30;

const gibibytes = (amount: number): Quantity => `${Math.ceil(amount / GIBI)}Gi`;
/** In steps of 64Mi, as the API server writes it. */
function memory(amount: number): Quantity {
  const mebibytes = Math.ceil(amount / MEBI / 64) * 64;
  return mebibytes % 1_024 === 0 ? `${mebibytes / 1_024}Gi` : `${mebibytes}Mi`;
}

/** In steps of 50m, as the API server writes it. */
function cpu(cores: number): Cpu {
  const thousandths = Math.max(100, Math.ceil((cores * 1_000) / 50) * 50);
  return thousandths % 1_000 === 0 ? `${thousandths / 1_000}` : `${thousandths}m`;
}

/** Memory for what was measured, and a limit that leaves room for queries and for a fleet that returns at once. */
function resources(cores: number, used: number, least: number): Resources {
  const asked = Math.max(used, least);
  return { cpu: cpu(cores * HEADROOM), memory: memory(asked), memoryLimit: memory(asked * 2) };
}
