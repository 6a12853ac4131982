import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Period of a Prometheus block in seconds. Blocks start at even hours in UTC. */
export const BLOCK_SECONDS = 2 * 3_600;

/** A block of Prometheus on disk. */
export interface StoredBlock {
  readonly samples: number;
  readonly series: number;
  /** Size of the chunks, which contain the samples, in bytes. */
  readonly chunkBytes: number;
  /** Size of the index, which contains metric names and labels, in bytes. Compacted blocks share one index. */
  readonly indexBytes: number;
}

/**
 * Returns the block that starts at this time, or `undefined` if there is none.
 * @param folder data folder of Prometheus
 * @param from seconds since 1970
 */
export function findStoredBlock(folder: string, from: number): StoredBlock | undefined {
  const block = readdirSync(folder)
    .map((name) => join(folder, name))
    .find((path) => existsSync(join(path, 'meta.json')) && readBlockMeta(path).minTime === from * 1_000);
  if (!block) return undefined;
  const { stats } = readBlockMeta(block);
  return {
    samples: stats.numSamples,
    series: stats.numSeries,
    chunkBytes: sizeOfPath(join(block, 'chunks')),
    indexBytes: sizeOfPath(join(block, 'index')),
  };
}

/**
 * Returns the size in bytes of the write-ahead logs: the log of samples in order, and the log of late samples. Both
 * contain samples that are not in a block yet.
 * @param folder data folder of Prometheus
 */
export const walBytes = (folder: string): number =>
  sizeOfPath(join(folder, 'wal')) + sizeOfPath(join(folder, 'wbl'));

/**
 * Returns the size in bytes of the memory-mapped chunks, which contain samples that are not in a block yet.
 * @param folder data folder of Prometheus
 */
export const headChunkBytes = (folder: string): number => sizeOfPath(join(folder, 'chunks_head'));

interface Meta {
  /** Start of the block in milliseconds since 1970. */
  readonly minTime: number;
  readonly stats: { readonly numSamples: number; readonly numSeries: number };
}

const readBlockMeta = (block: string): Meta => JSON.parse(readFileSync(join(block, 'meta.json'), 'utf8'));

function sizeOfPath(path: string): number {
  const status = statSync(path);
  if (!status.isDirectory()) return status.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOfPath(join(path, name)), 0);
}
