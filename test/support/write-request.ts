import { sample, series, snappy } from './remote-write.mjs';

/** A sample of a series. */
export class Sample {
  constructor(
    /** Milliseconds. */
    readonly time: number,
    readonly value: number,
    /** Whether the series ends there, and has no value. */
    readonly isStale = false,
  ) {}
}

/** A series in a remote-write request. */
export interface Series {
  /** Labels. A list of pairs can be invalid: a name may occur twice, and bytes need not be text. */
  readonly labels: Readonly<Record<string, string>> | readonly (readonly [Bytes, Bytes])[];
  readonly samples: readonly Sample[];
}

type Bytes = string | Buffer;

/** Encodes the body of a remote-write request (protocol 1.0) with Snappy. */
export function writeRequest(all: readonly Series[]): Buffer {
  const written = all.map(({ labels, samples }) =>
    series(
      labels,
      samples.map(({ time, value, isStale }) => sample(time, value, isStale)),
    ),
  );
  return snappy(Buffer.concat(written));
}
