import type { Fleet } from '../fleet/fleet';
import { sumBy } from '../fleet/node-requests';

/**
 * Up to this number of edge nodes, the default is one Prometheus replica. For a small fleet, a second replica costs
 * more than the damage if no alerts are sent for an hour.
 */
const MAX_NODES_OF_ONE_REPLICA = 10;

/**
 * Returns the number of Prometheus replicas that store the samples of a fleet; 0 if the fleet uses another
 * store.
 */
export function countPrometheusReplicas({ groups, store }: Fleet): number {
  if (store?.kind === 'remote' || store?.kind === 'victoria-metrics') return 0;
  return store?.replicas ?? (sumBy(groups, ({ nodes }) => nodes) > MAX_NODES_OF_ONE_REPLICA ? 2 : 1);
}

/** Returns the number of URLs to which the metrics gateway writes each sample. */
export const countRemoteWriteUrls = (fleet: Fleet): number => Math.max(countPrometheusReplicas(fleet), 1);
