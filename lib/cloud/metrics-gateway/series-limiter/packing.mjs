// How bodies of remote write are packed: with Snappy as the protocol has it, or with zstd as VictoriaMetrics does.
import * as zlib from 'node:zlib';
import { Refusal } from '../../../programs/server.mjs';
import { unpack } from '../../../programs/snappy.mjs';

/** Of a body, before and after it is unpacked: an agent's blocks have 8 MiB at most. */
export const LONGEST_BODY = 10 * 2 ** 20;
/** Of a body when it is unpacked; so much is set aside at once. */
const ORDINARY_BODY = 256 * 2 ** 10;
/** Frames that ask for more memory to be read are refused: a writer of 8 MiB blocks asks for so much. */
const ZSTD_WINDOW_LOG = 23;
const ZSTD_MAGIC = 0xfd2fb528;

/** @param {Buffer} body @returns {'snappy' | 'zstd'} */
export const detectEncoding = (body) =>
  body.length >= 4 && body.readUInt32LE(0) === ZSTD_MAGIC ? 'zstd' : 'snappy';

/** @param {Buffer} body @returns {Buffer} @throws {Refusal} */
export function decompressBody(body) {
  try {
    if (detectEncoding(body) === 'snappy') return unpack(body, LONGEST_BODY);
    return zlib.zstdDecompressSync(body, {
      maxOutputLength: LONGEST_BODY,
      chunkSize: ORDINARY_BODY,
      params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG },
    });
  } catch (error) {
    if (error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new Refusal(413, `more than ${LONGEST_BODY} bytes when unpacked`, 'too_large');
    }
    throw new Refusal(400, error.message, 'unreadable');
  }
}
