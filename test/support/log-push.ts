import { encodeVarint } from '../../lib/programs/protobuf.mjs';

/** A stream of log lines, as log agents in Go write it. */
export interface PushedStream {
  /** Such as `{job="a"}`. */
  readonly labels: string;
  readonly entries: readonly Buffer[];
}

const encodeField = (number: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2]), encodeVarint(content.length), content]);

/** The present time as the message of protobuf. */
const encodeNow = (): Buffer =>
  Buffer.concat([Buffer.from([8]), encodeVarint(Math.floor(Date.now() / 1_000))]);

/** A push to Loki in protobuf, before it is packed. */
export const encodePushRequest = (streams: readonly PushedStream[]): Buffer =>
  Buffer.concat(
    streams.map(({ labels, entries }) =>
      encodeField(
        1,
        Buffer.concat([
          encodeField(1, Buffer.from(labels)),
          ...entries.map((line) =>
            encodeField(2, Buffer.concat([encodeField(1, encodeNow()), encodeField(2, line)])),
          ),
        ]),
      ),
    ),
  );
