// Converts bytes to strings and back, with functions that both Node.js and nginx's QuickJS support. A "latin1" string has
// one character per byte.

/**
 * Maximum number of bytes that one call of `String.fromCharCode` converts. JavaScript engines limit the number of
 * arguments.
 */
const BYTES_PER_CALL = 4_096;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes UTF-8.
 * @param {Uint8Array} bytes
 * @returns {string | undefined} the text; `undefined` if the bytes are not valid UTF-8
 */
export function decodeUtf8(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Converts bytes to a string with one character per byte.
 * @param {Uint8Array} bytes
 * @returns {string} text; the code of each character is a byte
 */
export function decodeLatin1(bytes) {
  // The method of Node.js's Buffer needs a third of the time of the loop below.
  if ('latin1Slice' in bytes) return /** @type {Buffer} */ (bytes).latin1Slice();
  const parts = [];
  for (let at = 0; at < bytes.length; at += BYTES_PER_CALL) {
    parts.push(Reflect.apply(String.fromCharCode, undefined, bytes.subarray(at, at + BYTES_PER_CALL)));
  }
  return parts.join('');
}

/**
 * Converts a string with one character per byte to bytes.
 * @param {string} text characters with codes below 256
 * @returns {Uint8Array}
 */
export function encodeLatin1(text) {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
