import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A block of Prometheus's on disk. */
export interface StoredBlock {
  readonly samples: number;
  readonly series: number;
  /** Of the samples themselves. */
  readonly chunkBytes: number;
  /** Of names and labels: those of several blocks become one as the blocks do. */
  readonly indexBytes: number;
}

/**
 * The first block in a data folder of Prometheus's; undefined until there is one. Those of samples that came out of order
 * do not count: hours within minutes overtake each other on their way, and their chunks are short.
 */
export function storedBlock(folder: string): StoredBlock | undefined {
  const block = readdirSync(folder)
    .map((name) => join(folder, name))
    .find((path) => existsSync(join(path, 'meta.json')) && !isOutOfOrder(metaOf(path)));
  if (!block) return undefined;
  const { stats } = metaOf(block);
  const chunks = readdirSync(join(block, 'chunks')).map((name) => sizeOf(join(block, 'chunks', name)));
  return {
    samples: stats.numSamples,
    series: stats.numSeries,
    chunkBytes: chunks.reduce((sum, size) => sum + size, 0),
    indexBytes: sizeOf(join(block, 'index')),
  };
}

interface Meta {
  readonly stats: { readonly numSamples: number; readonly numSeries: number };
  readonly compaction: { readonly hints?: readonly string[] };
}

const metaOf = (block: string): Meta => JSON.parse(readFileSync(join(block, 'meta.json'), 'utf8'));

const isOutOfOrder = ({ compaction: { hints = [] } }: Meta): boolean => hints.includes('from-out-of-order');

const sizeOf = (path: string): number => statSync(path).size;
