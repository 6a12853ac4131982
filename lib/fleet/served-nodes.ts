import { DEFAULT_INTERVAL, DEFAULT_TRANSPORT, type Transport } from '../contracts/metrics-sink';
import type { Duration } from '../core/units';
import { AGENT_SERIES, SERIES } from './coefficients';
import type { FleetGroup, NodeTraffic } from './fleet';

/** Options of an agent, as far as they say how long it collects a batch. */
interface Batched {
  readonly sending?: { readonly batchWait?: Duration };
}

/** How nodes are served, where somebody says so. */
export interface ServedNodes {
  /** What messages and the plan call them. */
  readonly name: string;
  /** How many there are. */
  readonly nodes: number;
  /** How samples travel. @default "pushgateway" */
  readonly transport?: Transport;
  /** How often each is measured. @default "10s" */
  readonly interval?: Duration;
  /** How much is kept of what they measure; an object is a selection of your own. @default - "full" for Pushgateway, "standard" for remote write */
  readonly profile?: keyof typeof SERIES | object;
  readonly traffic?: NodeTraffic;
  /** How the agent sends samples. */
  readonly agent?: Batched;
  /** How the log collector sends lines. */
  readonly logs?: Batched;
}

/** A selection of your own has as many series as `standard`. */
function seriesOfOwnSelection(transport: Transport): number {
  const { pushed, frequent, slow, containers } = SERIES.standard;
  return transport === 'pushgateway' ? pushed : frequent + slow + containers + AGENT_SERIES.own;
}

/** Nodes as a plan takes them: with the defaults of their constructs. */
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
