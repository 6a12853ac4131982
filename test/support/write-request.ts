import { sample, series, snappy } from './remote-write.mjs';

/** One sample of a series. */
export class Sample {
  constructor(
    /** Milliseconds. */
    readonly time: number,
    readonly value: number,
    /** Whether the series ends there, and has no value. */
    readonly isStale = false,
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
  const written = all.map(({ labels, samples }) =>
    series(
      labels,
      samples.map(({ time, value, isStale }) => sample(time, value, isStale)),
    ),
  );
  return snappy(Buffer.concat(written));
}
