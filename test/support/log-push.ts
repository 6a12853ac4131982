import { varintBytes } from '../../lib/programs/protobuf.mjs';

/** A stream of log lines, as Promtail and Alloy write it. */
export interface PushedStream {
  /** Such as `{job="a"}`. */
  readonly labels: string;
  readonly entries: readonly Buffer[];
}

const field = (number: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2]), varintBytes(content.length), content]);

/** The present time as the message of protobuf. */
const now = (): Buffer => Buffer.concat([Buffer.from([8]), varintBytes(Math.floor(Date.now() / 1_000))]);

/** A push to Loki in protobuf, before it is packed. */
export const pushRequest = (streams: readonly PushedStream[]): Buffer =>
  Buffer.concat(
    streams.map(({ labels, entries }) =>
      field(
        1,
        Buffer.concat([
          field(1, Buffer.from(labels)),
          ...entries.map((line) => field(2, Buffer.concat([field(1, now()), field(2, line)]))),
        ]),
      ),
    ),
  );
