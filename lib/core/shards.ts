import { createHash } from 'node:crypto';
import { wholeNumberRule } from './option-rules';
import { text } from './structure-rules';
import { validateOptions } from './validation';

/** Validation rule for the number of Pushgateway shards. Each shard adds a path to the ingress and a scrape job. */
export const shardCount = wholeNumberRule(1, 32);

/**
 * Returns the index of a node's shard. The index only depends on the name of the node: the first eight hexadecimal
 * digits of the name's SHA-256 hash, modulo the number of shards. The push sidecar and the commands in docs/fleets.md
 * compute the same index.
 * @throws InvalidOptionError when the number of shards is invalid.
 */
export function shardOf(node: string, shards: number): number {
  validateOptions('shardOf', { node: [node ?? null, text], shards: [shards ?? null, shardCount] });
  return Number.parseInt(createHash('sha256').update(node).digest('hex').slice(0, 8), 16) % shards;
}

/**
 * Returns the indexes of the shards that run, from 0. While the number of shards changes, some nodes push to the
 * former shards. The number of running shards is therefore the larger of `shards` and `formerShards`.
 */
export const runningShardIndexes = (count: {
  readonly shards?: number;
  readonly formerShards?: number;
}): number[] =>
  Array.from({ length: Math.max(count.shards ?? 1, count.formerShards ?? 1) }, (_, index) => index);

/**
 * Returns the URL path of a shard, such as `/shard-1`. The path of the first shard is empty, as for a single
 * Pushgateway.
 * @throws InvalidOptionError when the index is not from 0 to 31.
 */
export function shardPath(shard: number): string {
  validateOptions('shardPath', { shard: [shard ?? null, wholeNumberRule(0, 31)] });
  return shard === 0 ? '' : `/shard-${shard}`;
}

/**
 * Returns the name of a shard's objects, such as `pushgateway-shard-1`. The first shard has the name of a
 * single Pushgateway.
 */
export const objectNameOfShard = (name: string, shard: number): string =>
  shard === 0 ? name : `${name}-shard-${shard}`;
