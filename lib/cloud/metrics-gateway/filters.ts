import { REMOTE_WRITE_PATH } from '../../contracts/metrics-sink';
import type { RemoteWriteStore } from '../../contracts/remote-write-store';

/** The filter between the vmagent of a gateway and one of the addresses that it writes to. */
export interface StoreFilter {
  /** Name of its container. */
  readonly name: string;
  /** Name of the port of its metrics. */
  readonly portName: string;
  /** Port on the pod's loopback address that the vmagent writes to. */
  readonly port: number;
  readonly metricsPort: number;
  /** The address that it writes to. */
  readonly storeUrl: string;
}

/** A store that refuses whole requests for one sample. */
export type FilteredStore = RemoteWriteStore & { readonly outOfOrderSeconds: number };

/** Returns whether a store refuses whole requests because of one sample, so that it needs filters. */
export function needsWriteFilter(target: RemoteWriteStore): target is FilteredStore {
  return target.outOfOrderSeconds !== undefined;
}

/**
 * Returns a filter for each URL of the store. vmagent names a queue by its number and URL, so the port of the first
 * filter never changes: samples that waited for a single Prometheus are then written to the first of two.
 */
export const storeFilters = (target: RemoteWriteStore): readonly StoreFilter[] =>
  needsWriteFilter(target)
    ? target.writeUrls.map((storeUrl, index) => ({
        name: index ? `write-filter-${index}` : 'write-filter',
        portName: index ? `filter-${index}` : 'filter',
        // The port of the limiter is between those of the first and the second filter.
        port: index ? 8431 + 2 * index : 8430,
        metricsPort: index ? 8432 + 2 * index : 8431,
        storeUrl,
      }))
    : [];

/** Returns the URLs to which vmagent writes: those of the filters, or of the store itself. */
export function remoteWriteUrls(target: RemoteWriteStore): readonly string[] {
  return needsWriteFilter(target)
    ? storeFilters(target).map(({ port }) => `http://127.0.0.1:${port}${REMOTE_WRITE_PATH}`)
    : target.writeUrls;
}
