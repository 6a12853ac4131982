/** One sample of a series. */
export class Sample {
  constructor(
    /** Milliseconds. */
    readonly time: number,
    readonly value: number,
  ) {}
}

/** A series as remote write carries it. */
export interface Series {
  /** A list of pairs is for what no client of good will sends: a name twice, bytes that are no text. */
  readonly labels: Readonly<Record<string, string>> | readonly (readonly [Bytes, Bytes])[];
  readonly samples: readonly Sample[];
}

type Bytes = string | Buffer;

/** The body of a remote-write request (protocol 1.0), Snappy as literals. */
export function writeRequest(all: readonly Series[]): Buffer {
  return packed(Buffer.concat(all.map((series) => message(1, body(series)))));
}

function body({ labels, samples }: Series): Buffer {
  return Buffer.concat([
    ...pairsOf(labels).map(([name, value]) =>
      message(1, Buffer.concat([message(1, raw(name)), message(2, raw(value))])),
    ),
    ...samples.map(({ time, value }) => message(2, sample(time, value))),
  ]);
}

const pairsOf = (labels: Series['labels']): readonly (readonly [Bytes, Bytes])[] =>
  Array.isArray(labels) ? labels : Object.entries(labels);

const raw = (text: Bytes): Buffer => (typeof text === 'string' ? Buffer.from(text) : text);

function sample(time: number, value: number): Buffer {
  const double = Buffer.alloc(9);
  double[0] = (1 << 3) | 1;
  double.writeDoubleLE(value, 1);
  // As the format says, a zero is left out.
  return time === 0 ? double : Buffer.concat([double, Buffer.from([2 << 3]), varint(BigInt(time))]);
}

const message = (field: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(field << 3) | 2]), varint(BigInt(content.length)), content]);

function varint(value: bigint): Buffer {
  const bytes = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

/** Literals of up to 64 KiB, so that names stand in it as they are. */
function packed(plain: Buffer): Buffer {
  const parts = [varint(BigInt(plain.length))];
  for (let at = 0; at < plain.length; at += 65_536) {
    const part = plain.subarray(at, at + 65_536);
    const header = Buffer.from([61 << 2, 0, 0]);
    header.writeUInt16LE(part.length - 1, 1);
    parts.push(header, part);
  }
  return Buffer.concat(parts);
}
