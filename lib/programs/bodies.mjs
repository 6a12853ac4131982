// Converts the bodies of pushes to text in the Prometheus text format. Limits the decompressed size, and requires
// valid UTF-8.
import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { isMetricFamiliesContentType, metricFamiliesToText } from './metric-families.mjs';
import { Refusal } from './server.mjs';
import { BodyTooLargeError, decompressSnappyFrames } from './snappy.mjs';

/**
 * Decompresses the body of a push and returns the samples in the Prometheus text format. A list of metric families in
 * Protocol Buffers is converted to this format.
 * @param {Buffer} body body as the client sent it
 * @param {import('node:http').IncomingHttpHeaders} headers of the request: `Content-Encoding` and `Content-Type`
 * @param {number} longest maximum size of the decompressed body and of the text, in bytes
 * @returns {string} UTF-8 bytes as a string in which each character is one byte (latin1)
 * @throws {Refusal} when the body is too large, is not UTF-8, or cannot be decompressed or parsed
 */
export function convertPushBodyToText(body, headers, longest) {
  const plain = decompressPushBody(body, headers['content-encoding'] ?? '', longest);
  const isText = !isMetricFamiliesContentType(headers['content-type'] ?? '');
  const text = isText ? plain.latin1Slice() : metricFamiliesToText(plain, longest);
  if (!isUtf8(isText ? plain : Buffer.from(text, 'latin1'))) {
    throw new Refusal(400, 'the body is not UTF-8', 'not_utf8');
  }
  return text;
}

/**
 * Decompresses the body of a push.
 * @param {Buffer} body body as the client sent it
 * @param {string} encoding value of `Content-Encoding`: gzip, snappy (the framing format), identity or empty
 * @param {number} longest maximum size after decompression, in bytes
 * @returns {Buffer} the decompressed body
 * @throws {Refusal} when the body is too large or invalid, or the encoding is not supported
 */
function decompressPushBody(body, encoding, longest) {
  try {
    switch (encoding.trim().toLowerCase()) {
      case '':
      case 'identity':
        if (body.length > longest) throw new BodyTooLargeError();
        return body;
      case 'gzip':
        // Decompression stops at the limit.
        return gunzipSync(body, { maxOutputLength: longest });
      case 'snappy':
        return decompressSnappyFrames(body, longest);
    }
  } catch (error) {
    if (error.code === 'ERR_BUFFER_TOO_LARGE' || error instanceof BodyTooLargeError) {
      throw new Refusal(413, `the decompressed body is larger than ${longest} bytes`, 'too_large');
    }
    throw new Refusal(400, `the body is not valid ${encoding}: ${error.message}`, 'unreadable');
  }
  throw new Refusal(415, `Content-Encoding is ${encoding}; allowed: gzip, snappy, identity`, 'unreadable');
}
