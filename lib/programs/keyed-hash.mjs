// Implements the hash function HalfSipHash-1-3 with 32 bits: https://github.com/veorq/SipHash. An attacker who does not
// know the key cannot find inputs with the same hash.

const FINAL_ROUNDS = 3;

/**
 * Returns the hash of the bytes from the position `from` to the position `to` (exclusive).
 * @param {Buffer} bytes
 * @param {number} from
 * @param {number} to
 * @param {readonly [number, number]} key secret key of the hash function
 * @returns {number} 32-bit integer
 */
export function hashBytes(bytes, from, to, [k0, k1]) {
  let v0 = k0;
  let v1 = k1;
  let v2 = 0x6c796765 ^ k0;
  let v3 = 0x74656462 ^ k1;
  const lastAt = to - ((to - from) & 3);
  // The rounds are inlined, because a function call for each word would take longer than the round itself.
  for (let at = from; at <= lastAt + 4 * FINAL_ROUNDS; at += 4) {
    const word =
      at < lastAt
        ? readInt32(bytes, at)
        : at === lastAt
          ? wordOfRemainingBytesAndLength(bytes, at, to, to - from)
          : 0;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
    if (at === lastAt) v2 ^= 0xff;
  }
  return v1 ^ v3;
}

const scratch = Buffer.allocUnsafe(4_096);

/**
 * Returns the hash of a text.
 * @param {string} text latin1
 * @param {readonly [number, number]} key secret key of the hash function
 * @returns {number} 32-bit integer
 */
export function hashText(text, key) {
  const { length } = text;
  const bytes = length <= scratch.length ? scratch : Buffer.allocUnsafe(length);
  bytes.latin1Write(text, 0, length);
  return hashBytes(bytes, 0, length, key);
}

/**
 * Reads four bytes as a little-endian 32-bit integer.
 * @param {Buffer} bytes
 * @param {number} at position of the first byte
 */
const readInt32 = (bytes, at) =>
  bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);

/**
 * Returns the last 32-bit integer to hash. It contains the remaining bytes (at most three), and in its highest byte
 * the length of the input.
 * @param {Buffer} bytes
 * @param {number} from position of the first remaining byte
 * @param {number} to end of the input
 * @param {number} length of the input in bytes
 */
function wordOfRemainingBytesAndLength(bytes, from, to, length) {
  let word = length << 24;
  for (let at = from; at < to; at++) word |= bytes[at] << (8 * (at - from));
  return word;
}
