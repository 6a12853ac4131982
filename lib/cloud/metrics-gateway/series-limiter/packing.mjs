// Format of remote-write requests: the supported protocol version, the compression of bodies (Snappy as in the
// specification, or zstd as VictoriaMetrics uses it), and their size.
import * as zlib from 'node:zlib';
import { Fields } from '../../../programs/protobuf.mjs';
import { Refusal } from '../../../programs/server.mjs';
import { decompressSnappy } from '../../../programs/snappy.mjs';

/** Maximum size of a body in bytes, before and after decompression. Requests of agents have at most 8 MiB. */
export const LONGEST_BODY = 10 * 2 ** 20;
/** Size of each output buffer for decompression, in bytes. Most bodies fit into one buffer. */
const ORDINARY_BODY = 256 * 2 ** 10;
/**
 * Maximum window size of zstd frames, as a power of two: 8 MiB, the size of an agent's largest request.
 */
const ZSTD_WINDOW_LOG = 23;
const ZSTD_MAGIC = 0xfd2fb528;

/**
 * Detects the compression of a request body by the first bytes of the body.
 * @param {Buffer} body body as received
 * @returns {'snappy' | 'zstd'} `zstd` if the body begins with the magic number of zstd
 */
export const detectBodyCompression = (body) =>
  body.length >= 4 && body.readUInt32LE(0) === ZSTD_MAGIC ? 'zstd' : 'snappy';

/**
 * Decompresses the body of a request.
 * @param {Buffer} body body as received
 * @returns {Buffer} decompressed body
 * @throws {Refusal} if the body is invalid or too large
 */
export function decompressBody(body) {
  try {
    if (detectBodyCompression(body) === 'snappy') return decompressSnappy(body, LONGEST_BODY);
    return zlib.zstdDecompressSync(body, {
      maxOutputLength: LONGEST_BODY,
      chunkSize: ORDINARY_BODY,
      params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG },
    });
  } catch (error) {
    if (error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new Refusal(413, `the decompressed body exceeds ${LONGEST_BODY} bytes`, 'too_large');
    }
    throw new Refusal(400, error.message, 'unreadable');
  }
}

/**
 * Splits a request into several valid requests of at most `size` bytes each. A series that is larger than `size` is put
 * into a separate request.
 * @param {Buffer} request decompressed request
 * @param {number} size maximum size of each request in bytes
 * @returns {Buffer[]} decompressed requests
 */
export function splitRequestBySize(request, size) {
  const parts = [];
  let begin = 0;
  for (const field = new Fields(request, 0, request.length); field.readNextField(); ) {
    if (field.end - begin <= size || field.from === begin) continue;
    parts.push(request.subarray(begin, field.from));
    begin = field.from;
  }
  return [...parts, request.subarray(begin)];
}

/**
 * Validates that a request is a POST request and does not declare remote write 2.0.
 * @param {import('../../../programs/server.mjs').Request} request request of a client
 * @throws {Refusal} if the method is not POST, or if the request declares remote write 2.0
 */
export function requireSupportedWriteRequest({ method, headers }) {
  if (method !== 'POST') throw new Refusal(405, 'the method must be POST', 'method');
  if (/proto="?io\.prometheus\.write\.v2/i.test(headers['content-type'] ?? '')) {
    throw new Refusal(415, 'remote write 2.0 is not supported: use remote write 1.0', 'protocol');
  }
}
