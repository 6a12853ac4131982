import { DEFAULT_INTERVAL, DEFAULT_TRANSPORT, type Transport } from '../contracts/metrics-sink';
import type { Duration } from '../core/units';
import { AGENT_SERIES, SERIES } from './coefficients';
import type { FleetGroup, NodeTraffic } from './fleet';

/** Options of an agent that determine how long it collects a batch. */
interface Batched {
  readonly sending?: { readonly batchWait?: Duration };
}

/** The settings of a node group that determine its traffic. */
export interface ServedNodes {
  /** Name in messages and in the plan. */
  readonly name: string;
  /** Number of nodes. */
  readonly nodes: number;
  /** Transport of samples. @default "pushgateway" */
  readonly transport?: Transport;
  /** Scrape interval. @default "10s" */
  readonly interval?: Duration;
  /**
   * Metrics profile; an object is a custom profile.
   * @default - "full" for Pushgateway, "standard" for remote write
   */
  readonly profile?: keyof typeof SERIES | object;
  readonly traffic?: NodeTraffic;
  /** Options of the metrics agent. */
  readonly agent?: Batched;
  /** Options of the log collector. */
  readonly logs?: Batched;
}

/** Returns the series of a custom profile, which are assumed to be those of `standard`. */
function seriesOfOwnSelection(transport: Transport): number {
  const { pushed, frequent, slow, containers } = SERIES.standard;
  return transport === 'pushgateway' ? pushed : frequent + slow + containers + AGENT_SERIES.own;
}

/** Returns a node group for a plan, with the defaults of the constructs. */
export function fleetGroup({ name, nodes, ...served }: ServedNodes): FleetGroup {
  const {
    transport = DEFAULT_TRANSPORT,
    interval = DEFAULT_INTERVAL,
    profile,
    traffic = {},
    agent,
    logs,
  } = served;
  const byDefault = transport === 'remote-write' ? 'standard' : 'full';
  const named = typeof profile === 'object' ? undefined : (profile ?? byDefault);
  return {
    name,
    nodes,
    transport,
    interval,
    series: traffic.series ?? named ?? seriesOfOwnSelection(transport),
    profile: named,
    batchWait: agent?.sending?.batchWait,
    logBatchWait: logs?.sending?.batchWait,
    exporters: traffic.exporters,
    logs: traffic.logs,
    uplinkBudget: traffic.uplinkBudget,
  };
}
