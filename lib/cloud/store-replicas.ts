import type { Fleet } from '../fleet/fleet';
import { sumOf } from '../fleet/sendings';

/** Largest number of nodes with one Prometheus: an hour without alerts costs less than a second replica. */
const FEW_NODES = 10;

/** Number of Prometheus replicas that keep the samples of a fleet: 0 with another store. */
export function prometheusReplicas({ groups, store }: Fleet): number {
  if (store?.kind === 'remote' || store?.kind === 'victoria-metrics') return 0;
  return store?.replicas ?? (sumOf(groups, ({ nodes }) => nodes) > FEW_NODES ? 2 : 1);
}

/** How many stores a gateway writes each sample to. */
export const storeCopies = (fleet: Fleet): number => Math.max(prometheusReplicas(fleet), 1);
