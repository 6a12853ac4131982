// Hostile requests of remote write, from a seed.
import { randomFillSync } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { field, label, sample, series, snappy } from '../../support/remote-write.mjs';

/** @param {number} seed @returns {() => number} from 0 to 1; mulberry32 */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One request: its body, headers and query. */
export class Generator {
  /** @param {number} seed @param {number} index of the request */
  constructor(seed, index) {
    this.next = random(seed * 1_000_003 + index);
  }

  request() {
    const plain = this.#mangled(this.#body());
    const [encoding, body] = this.#packed(plain);
    const headers = {
      'Content-Encoding': this.#rarely() ? this.#of(['zstd', 'gzip', '', 'snappy, zstd']) : encoding,
      'Content-Type': this.#rarely()
        ? 'application/x-protobuf;proto=io.prometheus.write.v2.Request'
        : 'application/x-protobuf',
    };
    const query = this.#rarely() ? '?extra_label=node=honest&extra_label=group=south' : '';
    return { body: this.#mangled(body), headers, query };
  }

  #rarely = () => this.next() < 0.04;
  #up = (below) => Math.floor(this.next() * below);
  #of = (choices) => choices[this.#up(choices.length)];

  #body() {
    return this.#of([
      () => this.#many(1 + this.#up(30), () => this.#series()),
      () => this.#many(1 + this.#up(2_000), () => this.#series()),
      // Bodies that need the most memory relative to their size.
      () => this.#repeated(Buffer.from([0x0a, 0x00])),
      () => field(1, this.#repeated(Buffer.from([0x0a, 0x00]))),
      () =>
        field(1, Buffer.concat([label('__name__', 'samples'), this.#repeated(Buffer.from([0x12, 0x00]))])),
      () => this.#repeated(Buffer.from([0x1a, 0x00])),
      () => field(1, Buffer.concat([label('__name__', 'long'), label('x', 'y'.repeat(this.#up(2 ** 21)))])),
      () => Buffer.alloc(this.#up(2 ** 22)),
      () => randomFillSync(Buffer.alloc(this.#up(4_096))),
    ])();
  }

  #many = (count, make) => Buffer.concat(Array.from({ length: count }, make));

  #repeated(part) {
    return Buffer.alloc(part.length * this.#up(2 ** 20), part);
  }

  #series() {
    const labels = {
      __name__: this.#name(),
      node: this.#of(['hostile', 'honest', '', `invented-${this.#up(10_000)}`, 'x'.repeat(this.#up(600))]),
      job: this.#of(['any', 'loki', 'prometheus', 'metrics-gateway-limiter', 'edge-metrics-agent']),
      ...(this.#rarely() && { group: 'south', __group__: 'south', cluster: 'other' }),
      ...(this.#rarely() && { [`bad-${this.#up(9)} "{}`]: Buffer.from([0xff, 0xfe, 0x00]) }),
      ...(this.#rarely() && { '': 'empty' }),
    };
    const twice = this.#rarely() ? [label('node', 'honest')] : [];
    const samples = Array.from({ length: this.#up(4) }, () => sample(this.#time(), this.#value()));
    const histogram = this.#rarely() ? [field(4, Buffer.from([0x08, 0x01, 0x78, 0x01]))] : [];
    return series(labels, [...twice, ...samples, ...histogram]);
  }

  #name() {
    const own = `hostile_${this.#up(5_000)}`;
    return this.#of([
      own,
      own,
      own,
      'kube_node_info',
      'ALERTS',
      'a:b:c',
      'up',
      '',
      'honest_total',
      '\u{1F980}',
    ]);
  }

  #time() {
    const now = Date.now();
    return now + this.#of([0, 0, 0, -1_000, 3_600_000, -30 * 86_400_000, -now, -2 * now, 2 ** 52]);
  }

  #value = () => this.#of([1, -1, Number.NaN, Number.POSITIVE_INFINITY, this.next()]);

  #packed(plain) {
    return this.#of([
      () => ['snappy', snappy(plain)],
      () => ['snappy', snappy(plain)],
      () => ['zstd', zstdCompressSync(plain)],
      () => ['zstd', zstdCompressSync(plain)],
      () => ['gzip', gzipSync(plain)],
      // A hundred times the maximum.
      () =>
        this.#rarely()
          ? ['zstd', zstdCompressSync(Buffer.alloc(2 ** 28))]
          : ['zstd', zstdCompressSync(plain)],
    ])();
  }

  /** Now and then with a byte that is another, or cut short. */
  #mangled(bytes) {
    if (bytes.length === 0 || this.next() > 0.15) return bytes;
    if (this.next() < 0.5) return bytes.subarray(0, this.#up(bytes.length));
    const copy = Buffer.from(bytes);
    copy[this.#up(Math.min(bytes.length, 200))] = this.#up(256);
    return copy;
  }
}
