// Parses Prometheus's response to a remote-write 2.0 request with invalid samples. The response has a line for each
// rejected sample, such as `too old sample for series {__name__="up", node="edge-1"}`.

/** Pairs: the first words of a line in the response, and the value of the label `reason` for this line. */
const REASONS = [
  ['too old sample', 'too_old'],
  ['out of bounds: timestamp is too far', 'too_far_ahead'],
  ['out of bounds', 'too_old'],
  ['out of order exemplar', 'exemplar'],
  ['out of order sample', 'out_of_order'],
  ['duplicate sample', 'duplicate'],
  ['invalid', 'invalid_labels'],
];
const UNKNOWN_ORIGIN = { node: '', group: '' };

/**
 * @typedef {{ node: string, group: string }} Origin node and group of a series
 * @typedef {Origin & { reason: string, samples: number }} RejectedSamples number of samples that were rejected, and the
 * reason
 */

/**
 * Returns the rejected samples and exemplars in a response, with node and reason. A line about invalid labels stands
 * for a series with an unknown number of samples. Each other line stands for one sample or exemplar. Missing samples
 * that no line stands for are divided equally among the lines about invalid labels. If there are no such lines, the
 * samples get the reason `refused`.
 * @param {Buffer} answer response, possibly truncated
 * @param {number} missing number of samples that were sent but not stored
 * @returns {RejectedSamples[]} one entry for each line; also an entry without a node for the reason `refused`
 */
export function parseRejectedSamples(answer, missing) {
  const all = [...yieldCompleteLines(answer)].map(parseRejectedSampleLine);
  const ofSeries = all.filter(({ reason }) => reason === 'invalid_labels');
  const ofSamples = all.filter(({ reason }) => reason !== 'invalid_labels' && reason !== 'exemplar');
  let rest = missing - ofSamples.length;
  for (const [index, refusal] of ofSeries.entries()) {
    refusal.samples = Math.max(Math.ceil(rest / (ofSeries.length - index)), 0);
    rest -= refusal.samples;
  }
  return rest > 0 ? [...all, { ...UNKNOWN_ORIGIN, reason: 'refused', samples: rest }] : all;
}

/** Yields all complete lines: a truncated response ends without a line break. @param {Buffer} answer response */
function* yieldCompleteLines(answer) {
  for (let at = 0, end = 0; ; at = end + 1) {
    end = answer.indexOf('\n', at);
    if (end < 0) return;
    if (end > at) yield answer.subarray(at, end);
  }
}

/**
 * Parses one line of a response: the reason for a rejection, and the node and group of the series.
 * @param {Buffer} line line without line break
 * @returns {RejectedSamples} rejection of one sample; node and group are empty if the line contains no labels
 */
function parseRejectedSampleLine(line) {
  const start = line.indexOf('{');
  const words = line.latin1Slice(0, start < 0 ? line.length : start);
  const [, reason = 'refused'] = REASONS.find(([words_]) => words.startsWith(words_)) ?? [];
  return { ...(start < 0 ? UNKNOWN_ORIGIN : parseNodeAndGroup(line, start + 1)), reason, samples: 1 };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Returns node and group from labels as Prometheus prints them: `node="edge-1", "a.b"="c"`, with values quoted as in
 * Go.
 * @param {Buffer} line line of a response
 * @param {number} at position of the first label in the line
 */
function parseNodeAndGroup(line, at) {
  const origin = { ...UNKNOWN_ORIGIN };
  for (let next = at; next < line.length; ) {
    const name = readMaybeQuotedText(line, next, '=');
    if (line[name.end] !== 0x3d || line[name.end + 1] !== QUOTE) break;
    const value = readMaybeQuotedText(line, name.end + 1, ',');
    if (name.text === 'node' || name.text === 'group') origin[name.text] = value.text;
    next = value.end;
    while (line[next] === 0x2c || line[next] === 0x20) next++;
  }
  return origin;
}

/**
 * Reads a quoted text, or an unquoted text that ends before a delimiter. Returns the text and the position after it.
 * @param {Buffer} line line of a response
 * @param {number} at position of the text in the line
 * @param {string} followedBy delimiter after an unquoted text
 */
function readMaybeQuotedText(line, at, followedBy) {
  if (line[at] !== QUOTE) {
    const found = line.indexOf(followedBy, at);
    const end = found < 0 ? line.length : found;
    return { text: line.utf8Slice(at, end), end };
  }
  let end = at + 1;
  while (end < line.length && line[end] !== QUOTE) end += line[end] === BACKSLASH ? 2 : 1;
  return { text: unescapeQuotedText(line.utf8Slice(at + 1, end)), end: end + 1 };
}

/** Character for each letter after a backslash, such as a line break for `n`. @type {Record<string, string>} */
const ESCAPED = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/**
 * Resolves the escape sequences of a quoted text.
 * @param {string} text text as Go's strconv.Quote writes it, without quotes
 */
const unescapeQuotedText = (text) =>
  text.replaceAll(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gs, (_, x, u, U, one) =>
    one === undefined ? characterFromHex(x ?? u ?? U) : (ESCAPED[one] ?? one),
  );

/**
 * Returns the character of a hexadecimal code point, or U+FFFD if the code point is too large.
 * @param {string} digits code point in hexadecimal digits
 */
function characterFromHex(digits) {
  const code = Number.parseInt(digits, 16);
  return code <= 0x10_ffff ? String.fromCodePoint(code) : '\ufffd';
}
