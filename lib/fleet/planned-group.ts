import { DEFAULT_INTERVAL, DEFAULT_TRANSPORT, type Transport } from '../contracts/metrics-sink';
import type { Duration } from '../core/units';
import { AGENT_SERIES, SERIES } from './coefficients';
import type { FleetGroup, NodeTraffic } from './fleet';

/** Options of an agent. The plan reads only the time for which the agent collects a batch. */
interface BatchOptions {
  readonly sending?: { readonly batchWait?: Duration };
}

/** Settings of a node group that determine its traffic. */
export interface NodeGroupTraffic {
  /** Name of the group in messages and in the plan. */
  readonly name: string;
  /** Number of nodes in the group. */
  readonly nodes: number;
  /** Transport of metrics. @default "pushgateway" */
  readonly transport?: Transport;
  /** Scrape interval of the group's nodes. @default "10s" */
  readonly interval?: Duration;
  /**
   * Metrics profile. An object is a custom profile.
   * @default - "full" for Pushgateway, "standard" for remote write
   */
  readonly profile?: keyof typeof SERIES | object;
  /** Properties of each node that determine its traffic. @default - the traffic of the profile */
  readonly traffic?: NodeTraffic;
  /** Options of the metrics agent. @default - the defaults of the metrics agent */
  readonly agent?: BatchOptions;
  /** Options of the log collector. @default - the defaults of the log collector */
  readonly logs?: BatchOptions;
}

/** Returns the planned number of series for a custom profile: the number of series of the profile `standard`. */
function plannedSeriesOfCustomProfile(transport: Transport): number {
  const { pushed, frequent, slow, containers } = SERIES.standard;
  return transport === 'pushgateway' ? pushed : frequent + slow + containers + AGENT_SERIES.own;
}

/** Converts the settings of a node group to a group of the plan, with the defaults of the constructs applied. */
export function toFleetGroupWithDefaults({ name, nodes, ...settings }: NodeGroupTraffic): FleetGroup {
  const {
    transport = DEFAULT_TRANSPORT,
    interval = DEFAULT_INTERVAL,
    profile,
    traffic = {},
    agent,
    logs,
  } = settings;
  const byDefault = transport === 'remote-write' ? 'standard' : 'full';
  const named = typeof profile === 'object' ? undefined : (profile ?? byDefault);
  return {
    name,
    nodes,
    transport,
    interval,
    series: traffic.series ?? named ?? plannedSeriesOfCustomProfile(transport),
    profile: named,
    batchWait: agent?.sending?.batchWait,
    logBatchWait: logs?.sending?.batchWait,
    exporters: traffic.exporters,
    logs: traffic.logs,
    uplinkBudget: traffic.uplinkBudget,
  };
}
