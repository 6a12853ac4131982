/**
 * Returns the name of the folder in which vmagent stores the queue of its first remote-write URL, such as
 * `1_99AA06D3014798D8`. The name consists of the number of the URL, and the hash of the URL without query and
 * fragment. When the URL changes, the init container `queue-keeper` renames the folder to this name, so that the
 * queue is not lost. Based on vmagent 1.145, app/vmagent/remotewrite; an end-to-end test compares the name with the
 * folder of a running vmagent.
 */
export function vmagentQueueFolderName(url: string): string {
  const address = new URL(url);
  address.search = '';
  address.hash = '';
  return `1_${xxHash64(Buffer.from(address.toString())).toString(16).toUpperCase().padStart(16, '0')}`;
}

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

const toUint64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotateLeft64 = (value: bigint, bits: bigint): bigint =>
  toUint64((value << bits) | (value >> (64n - bits)));
const xxHashRound = (sum: bigint, lane: bigint): bigint =>
  toUint64(rotateLeft64(toUint64(sum + lane * P2), 31n) * P1);
const mergeAccumulator = (hash: bigint, sum: bigint): bigint =>
  toUint64((hash ^ xxHashRound(0n, sum)) * P1 + P4);

/**
 * Returns the XXH64 hash with seed 0 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md). Synthesis cannot
 * use the npm packages for XXH64, because these packages are native or initialize asynchronously.
 */
export function xxHash64(bytes: Buffer): bigint {
  const striped = bytes.length - (bytes.length % 32);
  const start = striped ? hashStripes(bytes, striped) : P5;
  return finalizeHash(hashTail(bytes, striped, toUint64(start + BigInt(bytes.length))));
}

function hashStripes(bytes: Buffer, end: number): bigint {
  let sums = [toUint64(P1 + P2), P2, 0n, toUint64(-P1)];
  for (let at = 0; at < end; at += 32) {
    sums = sums.map((sum, lane) => xxHashRound(sum, bytes.readBigUInt64LE(at + 8 * lane)));
  }
  const mixed = sums.reduce(
    (hash, sum, lane) => toUint64(hash + rotateLeft64(sum, [1n, 7n, 12n, 18n][lane] ?? 0n)),
    0n,
  );
  return sums.reduce(mergeAccumulator, mixed);
}

function hashTail(bytes: Buffer, from: number, start: bigint): bigint {
  let hash = start;
  let at = from;
  for (; at + 8 <= bytes.length; at += 8) {
    hash = toUint64(rotateLeft64(hash ^ xxHashRound(0n, bytes.readBigUInt64LE(at)), 27n) * P1 + P4);
  }
  if (at + 4 <= bytes.length) {
    hash = toUint64(rotateLeft64(hash ^ toUint64(BigInt(bytes.readUInt32LE(at)) * P1), 23n) * P2 + P3);
    at += 4;
  }
  for (; at < bytes.length; at++)
    hash = toUint64(rotateLeft64(hash ^ toUint64(BigInt(bytes[at] ?? 0) * P5), 11n) * P1);
  return hash;
}

function finalizeHash(hash: bigint): bigint {
  const one = toUint64((hash ^ (hash >> 33n)) * P2);
  const two = toUint64((one ^ (one >> 29n)) * P3);
  return two ^ (two >> 32n);
}
