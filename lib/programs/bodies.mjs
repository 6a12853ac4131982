// Decodes bodies of pushes to text: decompresses them under a limit, and requires valid UTF-8.
import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { familiesToText, isOfFamilies } from './metric-families.mjs';
import { Refusal } from './server.mjs';
import { unpackFrames } from './snappy.mjs';

/**
 * Returns the text of a push with one character per byte ("latin1").
 * @param {Buffer} body as it came @param {import('node:http').IncomingHttpHeaders} headers
 * @param {number} longest bytes when unpacked
 * @returns {string} @throws {Refusal}
 */
export function decodePush(body, headers, longest) {
  const plain = decompressPush(body, headers['content-encoding'] ?? '', longest);
  const isText = !isOfFamilies(headers['content-type'] ?? '');
  const text = isText ? plain.latin1Slice() : familiesToText(plain, longest);
  if (!isUtf8(isText ? plain : Buffer.from(text, 'latin1'))) {
    throw new Refusal(400, 'the body is not UTF-8', 'not_utf8');
  }
  return text;
}

/** @param {Buffer} body @param {string} encoding @param {number} longest */
function decompressPush(body, encoding, longest) {
  try {
    switch (encoding.trim().toLowerCase()) {
      case '':
      case 'identity':
        if (body.length > longest) throw new RangeError('too long');
        return body;
      case 'gzip':
        // Decompression stops at the limit, so what follows is never decompressed.
        return gunzipSync(body, { maxOutputLength: longest });
      case 'snappy':
        return unpackFrames(body, longest);
    }
  } catch (error) {
    if (error.code === 'ERR_BUFFER_TOO_LARGE' || error.message === 'too long') {
      throw new Refusal(413, `a body of more than ${longest} bytes when unpacked`, 'too_large');
    }
    throw new Refusal(400, `the body is not ${encoding}: ${error.message}`, 'unreadable');
  }
  throw new Refusal(415, `Content-Encoding ${encoding}; allowed: gzip, snappy, identity`, 'unreadable');
}
