import { createHash } from 'node:crypto';
import { wholeNumber } from './option-rules';
import { text } from './structure-rules';
import { verify } from './validation';

/** How many Pushgateways may share a fleet: each is one more path of the ingress and one more scrape job. */
export const shardCount = wholeNumber(1, 32);

/**
 * The shard of a node, from its name alone: the first eight hexadecimal digits of the name's SHA-256, modulo
 * the number of shards. The push sidecar and the lines of docs/fleets.md compute the same.
 *
 * @throws InvalidOptionError when there cannot be so many.
 */
export function shardOf(node: string, shards: number): number {
  verify('shardOf', { node: [node ?? null, text], shards: [shards ?? null, shardCount] });
  return Number.parseInt(createHash('sha256').update(node).digest('hex').slice(0, 8), 16) % shards;
}

/** The numbers of the shards that run: those that nodes choose from, and those that some still push to. */
export const runningShards = (count: {
  readonly shards?: number;
  readonly formerShards?: number;
}): number[] =>
  Array.from({ length: Math.max(count.shards ?? 1, count.formerShards ?? 1) }, (_, index) => index);

/**
 * What stands between the base address and a shard's own paths: the first is where an only one would be.
 *
 * @throws InvalidOptionError when there is no such shard.
 */
export function shardPath(shard: number): string {
  verify('shardPath', { shard: [shard ?? null, wholeNumber(0, 31)] });
  return shard === 0 ? '' : `/shard-${shard}`;
}

/** The name of a shard's objects: the first has the name of an only one. */
export const shardName = (name: string, shard: number): string =>
  shard === 0 ? name : `${name}-shard-${shard}`;
