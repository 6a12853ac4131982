// Parses the grouping key in the path of a push to Pushgateway. https://github.com/prometheus/pushgateway#url
import { decodeUtf8, encodeLatin1 } from './characters.mjs';
import { Refusal } from './server.mjs';

const BASE64 = '@base64';
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/** Maximum length of a label value in bytes. The longest values are node names, which have at most 253 characters. */
const LONGEST_VALUE = 256;
const MOST_LABELS = 16;

/**
 * Labels that the grouping key of an exporter can contain. With other labels, two Pushgateway groups could contain
 * the same series.
 */
const EXPORTER_LABELS = ['job', 'instance', 'hostname', 'group'];
const REQUIRED_EXPORTER_LABELS = ['job', 'instance', 'hostname'];

/**
 * Parses the grouping key in the path of a push, such as `/metrics/job/a/instance/b`. Labels with an empty value are
 * omitted, as in Prometheus.
 * @param {string} path
 * @returns {Map<string, string>} label values by label name
 * @throws {Refusal} when the path is not a valid grouping key
 */
export function parseGroupingKey(path) {
  const [empty, metrics, ...segments] = path.split('/');
  if (empty !== '' || metrics !== 'metrics' || !/^job(@base64)?$/.test(segments[0] ?? '')) {
    throw groupingKeyRefusal('the path of a push must be /metrics/job/<job>{/<label>/<value>}');
  }
  if (segments.length % 2 || segments.length > 2 * MOST_LABELS) {
    throw groupingKeyRefusal(`a grouping key must have 1 to ${MOST_LABELS} pairs of a label and its value`);
  }
  const labels = new Map();
  const seen = new Set();
  for (let at = 0; at < segments.length; at += 2) {
    const name = segments[at].replace(/@base64$/, '');
    if (!LABEL_NAME.test(name) || name.startsWith('__'))
      throw groupingKeyRefusal(
        `${quoteFirstCharacters(name)} is not a valid label name; allowed: letters, digits and _, without a digit or __ at the start`,
      );
    if (seen.has(name)) throw groupingKeyRefusal(`the path contains the label ${name} twice`);
    seen.add(name);
    const value = decodePathSegmentToLabelValue(name, segments[at + 1], segments[at].endsWith(BASE64));
    if (value) labels.set(name, value);
  }
  if (!labels.has('job'))
    throw groupingKeyRefusal('the value of the label job is empty: set it to the name of the job');
  return labels;
}

/**
 * Validates the grouping key of an exporter.
 * @param {Map<string, string>} labels
 * @throws {Refusal} when a required label is missing, or a label is not allowed
 */
export function assertExporterGroupingKey(labels) {
  const other = [...labels.keys()].find((name) => !EXPORTER_LABELS.includes(name));
  if (other)
    throw groupingKeyRefusal(
      `the label ${other} is not allowed in the grouping key of an exporter; allowed: ${EXPORTER_LABELS.join(', ')}`,
    );
  const missing = REQUIRED_EXPORTER_LABELS.find((name) => !labels.has(name));
  if (missing)
    throw groupingKeyRefusal(
      `the label ${missing} is missing in the grouping key of an exporter; required: ${REQUIRED_EXPORTER_LABELS.join(', ')}`,
    );
}

/**
 * Returns the canonical path of a Pushgateway group, such as `/job@base64/YmFja3Vw`. Two requests with the same labels
 * get the same path, even if the order or the encoding of the labels differs.
 * @param {Map<string, string>} labels of the grouping key
 */
export function pathOfGroupingKey(labels) {
  /** Formats a label as path segments, such as `/job@base64/YmFja3Vw`. @param {string[]} label name and value */
  const formatLabelAsPathSegments = ([name, value = '']) =>
    `/${name}${BASE64}/${Buffer.from(value).toString('base64url')}`;
  const { job = '', ...others } = Object.fromEntries(labels);
  return `/metrics${[['job', job], ...Object.entries(others).sort(compareLabelNames)].map(formatLabelAsPathSegments).join('')}`;
}

/** Compares two labels by name, for sorting. @param {[string, string]} one @param {[string, string]} other */
const compareLabelNames = ([one], [other]) => (one < other ? -1 : 1);

/**
 * Decodes a path segment into the value of a label.
 * @param {string} name of the label, for messages
 * @param {string} segment
 * @param {boolean} isBase64
 * @returns {string}
 * @throws {Refusal} when the value is invalid
 */
function decodePathSegmentToLabelValue(name, segment, isBase64) {
  return bytesToLabelValue(
    name,
    isBase64 ? decodeBase64Url(name, segment) : decodePercentEscapes(name, segment),
  );
}

/**
 * Decodes the value of a label in a grouping key from UTF-8.
 * @param {string} name of the label, for messages
 * @param {Uint8Array} bytes
 * @returns {string}
 * @throws {Refusal} when the value is longer than 256 bytes, is not UTF-8, or contains control characters
 */
export function bytesToLabelValue(name, bytes) {
  if (bytes.length > LONGEST_VALUE)
    throw groupingKeyRefusal(`the value of the label ${name} is longer than ${LONGEST_VALUE} bytes`);
  const value = decodeUtf8(bytes);
  if (value === undefined) throw new Refusal(400, `the value of the label ${name} is not UTF-8`, 'not_utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression finds control characters to refuse them
  if (/[\x00-\x1f\x7f]/.test(value))
    throw groupingKeyRefusal(`the value of the label ${name} contains control characters`);
  return value;
}

/**
 * Decodes a path segment in URL-safe base64. Throws a refusal if the segment contains other characters.
 * @param {string} name of the label, for messages
 * @param {string} segment
 */
function decodeBase64Url(name, segment) {
  const unpadded = segment.replace(/=+$/, '');
  if (!/^[A-Za-z0-9_-]*$/.test(unpadded) || unpadded.length % 4 === 1) {
    throw groupingKeyRefusal(`the value of the label ${name} is not URL-safe base64`);
  }
  return Buffer.from(unpadded, 'base64url');
}

/**
 * Decodes percent escapes. Returns bytes instead of characters, so that the caller can detect invalid UTF-8.
 * @param {string} name of the label, for messages
 * @param {string} segment
 */
function decodePercentEscapes(name, segment) {
  if (/%(?![0-9a-fA-F]{2})/.test(segment))
    throw groupingKeyRefusal(`the value of the label ${name} contains a % without two hexadecimal digits`);
  return encodeLatin1(
    segment.replace(/%(..)/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16))),
  );
}

/** Creates the refusal of an invalid grouping key, with status 400. @param {string} message */
const groupingKeyRefusal = (message) => new Refusal(400, message, 'grouping_key');
/** Encloses the first 64 characters of a text in double quotes, for an error message. @param {string} text */
const quoteFirstCharacters = (text) => JSON.stringify(text.slice(0, 64));
