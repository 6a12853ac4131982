import { encodeVarint } from '../../lib/programs/protobuf.mjs';

/** A log stream in Loki's protobuf format, as log agents send it. */
export interface PushedStream {
  /** Labels of the stream, such as `{job="a"}`. */
  readonly labels: string;
  readonly entries: readonly Buffer[];
}

const encodeField = (number: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2]), encodeVarint(content.length), content]);

/** Encodes the present time as a protobuf Timestamp. */
const encodeNow = (): Buffer =>
  Buffer.concat([Buffer.from([8]), encodeVarint(Math.floor(Date.now() / 1_000))]);

/** Encodes a push to Loki in protobuf, without compression. */
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
