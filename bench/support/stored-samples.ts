import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Prometheus writes blocks of two hours, which start at even hours of UTC. */
export const BLOCK_SECONDS = 2 * 3_600;

/** A block of Prometheus on disk. */
export interface StoredBlock {
  readonly samples: number;
  readonly series: number;
  /** Size of the samples. */
  readonly chunkBytes: number;
  /** Size of names and labels: it is shared when several blocks are compacted. */
  readonly indexBytes: number;
}

/** Returns the block in a data folder of Prometheus that starts at that second; undefined if there is none. */
export function findStoredBlock(folder: string, from: number): StoredBlock | undefined {
  const block = readdirSync(folder)
    .map((name) => join(folder, name))
    .find((path) => existsSync(join(path, 'meta.json')) && readBlockMeta(path).minTime === from * 1_000);
  if (!block) return undefined;
  const { stats } = readBlockMeta(block);
  return {
    samples: stats.numSamples,
    series: stats.numSeries,
    chunkBytes: pathBytes(join(block, 'chunks')),
    indexBytes: pathBytes(join(block, 'index')),
  };
}

/** Returns the size of samples that are in no block yet, in the write-ahead logs: those in order, and the late ones. */
export const walBytes = (folder: string): number =>
  pathBytes(join(folder, 'wal')) + pathBytes(join(folder, 'wbl'));

/** Returns the size of samples that are in no block yet, in memory-mapped chunks. */
export const headChunkBytes = (folder: string): number => pathBytes(join(folder, 'chunks_head'));

interface Meta {
  /** Milliseconds since 1970. */
  readonly minTime: number;
  readonly stats: { readonly numSamples: number; readonly numSeries: number };
}

const readBlockMeta = (block: string): Meta => JSON.parse(readFileSync(join(block, 'meta.json'), 'utf8'));

function pathBytes(path: string): number {
  const status = statSync(path);
  if (!status.isDirectory()) return status.size;
  return readdirSync(path).reduce((sum, name) => sum + pathBytes(join(path, name)), 0);
}
