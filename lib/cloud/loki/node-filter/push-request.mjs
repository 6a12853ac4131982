// Replaces labels of all streams in a push to Loki, in both formats that Loki accepts (JSON and protobuf):
// https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs
import { gunzipSync, inflateSync } from 'node:zlib';
import { Fields, Writer } from '../../../programs/protobuf.mjs';
import { Refusal } from '../../../programs/server.mjs';
import { decompressSnappy, encodeSnappyWithoutCompression } from '../../../programs/snappy.mjs';

/** Matches the Content-Type of a JSON push. */
const JSON_TYPE = /^application\/json\s*(;|$)/i;

/**
 * Protobuf tags of the fields that are kept: the streams of a request, and the labels and entries of a
 * stream. Loki computes all other fields of a stream from the labels.
 */
const STREAM = (1 << 3) | 2;
const LABELS = (1 << 3) | 2;
const ENTRY = (2 << 3) | 2;

/**
 * @typedef {Readonly<Record<string, string>>} LabelsToSet labels to set in all streams, by name; a label with an empty
 * value is removed from the streams
 * @typedef {{ type?: string, encoding?: string, body: Buffer }} Push body of a push request, with its Content-Type and
 * Content-Encoding
 */

/**
 * Returns a push with the given labels in all streams.
 * @param {LabelsToSet} labelsToSet labels to set
 * @param {Push} push push from a client
 * @param {number} longest maximum size of the decompressed body in bytes
 * @returns {Push} push for Loki: uncompressed JSON, or protobuf compressed with Snappy
 * @throws {Refusal} if the body is invalid or too large
 */
export function replaceLabelsInPush(labelsToSet, { type = '', encoding = '', body }, longest) {
  const packing = encoding.trim().toLowerCase();
  try {
    return JSON_TYPE.test(type)
      ? {
          type: 'application/json',
          body: replaceLabelsInJson(labelsToSet, decompressJson(body, packing, longest)),
        }
      : {
          type: 'application/x-protobuf',
          body: encodeSnappyWithoutCompression(
            replaceLabelsInProtobuf(labelsToSet, decompressProtobuf(body, packing, longest)),
          ),
        };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new Refusal(413, `the decompressed body exceeds ${longest} bytes`);
    }
    throw new Refusal(400, `the body is not a valid Loki push: ${error.message}`);
  }
}

/**
 * Decompresses a JSON body.
 * @param {Buffer} body body as received
 * @param {string} encoding Content-Encoding in lower case; empty if the header is missing
 * @param {number} longest maximum size of the result in bytes
 * @throws {Refusal} if the encoding is not supported
 */
function decompressJson(body, encoding, longest) {
  const limit = { maxOutputLength: longest };
  if (encoding === 'gzip') return gunzipSync(body, limit);
  if (encoding === 'deflate') return inflateSync(body, limit);
  if (encoding === '' || encoding === 'identity') return body;
  throw new Refusal(
    415,
    `the Content-Encoding of a JSON push is ${encoding}; allowed: gzip, deflate, identity`,
  );
}

/**
 * Decompresses a protobuf body.
 * @param {Buffer} body body as received
 * @param {string} encoding Content-Encoding in lower case; empty if the header is missing
 * @param {number} longest maximum size of the result in bytes
 * @throws {Refusal} if the encoding is not supported
 */
function decompressProtobuf(body, encoding, longest) {
  if (encoding === '' || encoding === 'snappy') return decompressSnappy(body, longest);
  throw new Refusal(415, `the Content-Encoding of a protobuf push is ${encoding}; allowed: snappy`);
}

/**
 * Returns a JSON body with the given labels in all streams. Only the fields `streams`, `stream` and `values` are kept:
 * Loki ignores the case of field names, so a field "STREAMS" would bypass the filter.
 * @param {LabelsToSet} labelsToSet labels to set
 * @param {Buffer} body decompressed JSON body
 * @throws {TypeError} if the body has no list `streams`
 */
function replaceLabelsInJson(labelsToSet, body) {
  const { streams } = JSON.parse(body.toString());
  if (!Array.isArray(streams)) throw new TypeError('"streams" must be a list');
  return Buffer.from(
    JSON.stringify({
      streams: streams.map(({ stream, values }) => ({
        stream: replaceLabelsOfJsonStream(labelsToSet, stream),
        values,
      })),
    }),
  );
}

/**
 * Returns the labels of a stream in a JSON push, after the given labels have been replaced or added.
 * @param {LabelsToSet} labelsToSet labels to set
 * @param {Record<string, string>} stream labels of the stream by name
 */
function replaceLabelsOfJsonStream(labelsToSet, stream) {
  const kept = Object.entries({ ...stream }).filter(([name]) => !Object.hasOwn(labelsToSet, name));
  return Object.fromEntries([...kept, ...Object.entries(labelsToSet).filter(([, value]) => value)]);
}

/**
 * Returns a protobuf push with the given labels in all streams.
 * @param {LabelsToSet} labelsToSet labels to set
 * @param {Buffer} request decompressed protobuf body
 * @returns {Buffer} protobuf body, not compressed
 */
function replaceLabelsInProtobuf(labelsToSet, request) {
  const all = new Writer();
  const stream = new Writer();
  for (const field = new Fields(request); field.readNextField(); ) {
    if (field.tag !== STREAM) continue;
    stream.clearContent();
    for (const part = new Fields(request, field.start, field.end); part.readNextField(); ) {
      if (part.tag === ENTRY) stream.appendBytes(request, part.from, part.end);
      if (part.tag !== LABELS) continue;
      const labels = Buffer.from(
        setLabelsInLabelSetText(labelsToSet, request.utf8Slice(part.start, part.end)),
      );
      stream.appendBytesField(LABELS, labels);
    }
    all.appendBytesField(STREAM, stream.content);
  }
  return all.content;
}

/** Matches a label with its value, such as `job="a"`. The value is quoted as in Go. */
const PAIR = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*("(?:[^"\\\n]|\\.)*")\s*(,|$)/y;

/**
 * Returns a label set in Loki's text format, after the given labels have been replaced or added.
 * @param {LabelsToSet} labelsToSet labels to set
 * @param {string} labels label set such as `{job="a", node="b"}`
 * @returns {string} label set in the same format
 * @throws {TypeError} if the label set is invalid
 */
export function setLabelsInLabelSetText(labelsToSet, labels) {
  const text = labels.trim();
  if (!text.startsWith('{') || !text.endsWith('}')) throw new TypeError(`invalid labels: ${labels}`);
  const inner = text.slice(1, -1).trim();
  const pairs = Object.entries(labelsToSet).flatMap(([name, value]) =>
    value ? [`${name}=${JSON.stringify(value)}`] : [],
  );
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < inner.length) {
    const [, name, value] = PAIR.exec(inner) ?? [];
    if (name === undefined) throw new TypeError(`invalid labels: ${labels}`);
    if (!Object.hasOwn(labelsToSet, name)) pairs.push(`${name}=${value}`);
  }
  return `{${pairs.join(',')}}`;
}
