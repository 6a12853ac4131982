import { REMOTE_WRITE_PATH } from '../../contracts/metrics-sink';
import type { RemoteWriteStore } from '../../contracts/remote-write-store';

/** A write filter: a container that forwards the requests of the gateway's vmagent to one URL of the store. */
export interface GatewayWriteFilter {
  /** Name of the filter's container. */
  readonly name: string;
  /** Name of the port at which the filter serves its metrics. */
  readonly portName: string;
  /** Port on the pod's loopback address at which the filter receives requests of vmagent. */
  readonly port: number;
  readonly metricsPort: number;
  /** URL of the store to which the filter writes. */
  readonly storeUrl: string;
}

/** A store that rejects a whole request because of one invalid sample, as Prometheus does. */
export type FilteredStore = RemoteWriteStore & { readonly outOfOrderSeconds: number };

/**
 * Returns whether the gateway must write through filters: whether the store has the field `outOfOrderSeconds`. Stores
 * with this field reject a whole request because of one invalid sample.
 */
export function needsWriteFilter(target: RemoteWriteStore): target is FilteredStore {
  return target.outOfOrderSeconds !== undefined;
}

/**
 * Returns the write filter for each URL of the store; an empty list if the store needs no filters. The port of the
 * first filter must never change, because vmagent identifies a queue by a number and the URL of the filter. With
 * another port, vmagent would not send the samples that are already in its queue.
 */
export const listWriteFilters = (target: RemoteWriteStore): readonly GatewayWriteFilter[] =>
  needsWriteFilter(target)
    ? target.writeUrls.map((storeUrl, index) => ({
        name: index ? `write-filter-${index}` : 'write-filter',
        portName: index ? `filter-${index}` : 'filter',
        // The series limiter uses port 8432, between the ports of the first and the second filter.
        port: index ? 8431 + 2 * index : 8430,
        metricsPort: index ? 8432 + 2 * index : 8431,
        storeUrl,
      }))
    : [];

/**
 * Returns the URLs to which vmagent writes: the URLs of the write filters. If the store needs no filters, returns the
 * URLs of the store.
 */
export function urlsToWhichVmagentWrites(target: RemoteWriteStore): readonly string[] {
  return needsWriteFilter(target)
    ? listWriteFilters(target).map(({ port }) => `http://127.0.0.1:${port}${REMOTE_WRITE_PATH}`)
    : target.writeUrls;
}
