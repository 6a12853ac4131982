// Parses the Prometheus text format:
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
import { Refusal } from './server.mjs';

/**
 * Maximum number of labels of a sample. The maximum is higher than exporters need, and lower than the limits
 * of all servers that store the samples.
 */
const MOST_LABELS = 64;
/** Maximum length of a metric name or label name, in characters. */
const LONGEST_NAME = 256;
/** Maximum length of a label value with its escapes, in bytes. */
const LONGEST_VALUE = 4_096;

const [TAB, NEWLINE, CARRIAGE_RETURN, SPACE, QUOTE, HASH, COMMA] = [9, 10, 13, 32, 34, 35, 44];
const [EQUALS, BACKSLASH, OPEN, CLOSE] = [61, 92, 123, 125];

/**
 * Bit mask for each character: bit 1 if a label name can contain the character, bit 2 if a metric name can contain
 * it.
 */
const NAME_CHARACTERS = new Uint8Array(256);
for (const character of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_') {
  NAME_CHARACTERS[character.charCodeAt(0)] = 3;
}
NAME_CHARACTERS[':'.charCodeAt(0)] = 2;

const NUMBER = /^([+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?[iI]nf|[nN]a[nN])$/;
const TIMESTAMP = /^[+-]?\d+$/;

/**
 * Iterates over the samples of a text in the Prometheus text format. All samples share one object, which contains the
 * current sample, because a push contains hundreds of samples.
 */
export class Samples {
  /** Metric name of the current sample. */
  name = '';
  /** Label names of the current sample, in the order of the text. @type {string[]} */
  labelNames = [];
  /** Label values of the current sample, with the escapes of the text. @type {string[]} */
  labelValues = [];
  /** Value of the current sample, as written in the text. */
  value = '';
  /**
   * Timestamp of the current sample in milliseconds, as written in the text. Empty if the sample has no timestamp.
   */
  timestamp = '';
  /** Line number of the current sample, for error messages. */
  line = 0;
  #text;
  #at = 0;

  /**
   * Creates an iterator over the samples of a text. The first call of `readNextSample` reads the first sample.
   * @param {string} text UTF-8 bytes as a string in which each character is one byte (latin1)
   */
  constructor(text) {
    this.#text = text;
  }

  /**
   * Reads the next sample into the fields of this object.
   * @returns {boolean} false if the text has no more samples
   * @throws {Refusal} when the text is invalid; the message contains the line number
   */
  readNextSample() {
    const text = this.#text;
    while (this.#at < text.length) {
      this.line++;
      this.#skipSpacesAndTabs();
      const character = text.charCodeAt(this.#at);
      if (character === HASH) this.#at = text.indexOf('\n', this.#at) + 1 || text.length;
      else if (character === CARRIAGE_RETURN && text.charCodeAt(this.#at + 1) === NEWLINE) this.#at += 2;
      else if (character === NEWLINE) this.#at++;
      else if (this.#at < text.length) {
        this.#readSample();
        return true;
      }
    }
    return false;
  }

  #readSample() {
    this.name = this.#readName(2);
    this.labelNames.length = 0;
    this.labelValues.length = 0;
    this.#skipSpacesAndTabs();
    if (this.#text.charCodeAt(this.#at) === OPEN) this.#readLabels();
    this.#readValueAndTimestamp();
  }

  #readLabels() {
    const text = this.#text;
    this.#at++;
    for (;;) {
      this.#skipSpacesAndTabs();
      if (text.charCodeAt(this.#at) === CLOSE) break;
      const name = this.#readName(1);
      this.labelNames.push(name);
      if (this.labelNames.length > MOST_LABELS) this.#throwSyntaxRefusal(`more than ${MOST_LABELS} labels`);
      this.#skipSpacesAndTabs();
      this.#skipCharacterOrThrow(EQUALS, '=');
      this.#skipSpacesAndTabs();
      this.labelValues.push(this.#readQuotedValue());
      this.#skipSpacesAndTabs();
      if (text.charCodeAt(this.#at) === COMMA) this.#at++;
      else if (text.charCodeAt(this.#at) !== CLOSE)
        this.#throwSyntaxRefusal('a comma or } is missing after a label');
    }
    this.#at++;
  }

  /**
   * Reads the name of a metric or of a label.
   * @param {number} kind bit of `NAME_CHARACTERS`: 1 for a label, 2 for a metric
   * @returns {string}
   */
  #readName(kind) {
    const text = this.#text;
    const start = this.#at;
    while ((NAME_CHARACTERS[text.charCodeAt(this.#at)] & kind) !== 0) this.#at++;
    const first = text.charCodeAt(start);
    if (this.#at === start || (first >= 48 && first <= 57))
      this.#throwSyntaxRefusal('expected the name of a metric or a label');
    if (this.#at - start > LONGEST_NAME)
      this.#throwSyntaxRefusal(`a name is longer than ${LONGEST_NAME} characters`);
    return text.slice(start, this.#at);
  }

  /** Reads a label value in double quotes. @returns {string} the value without quotes, with its escapes */
  #readQuotedValue() {
    const text = this.#text;
    this.#skipCharacterOrThrow(QUOTE, '"');
    const start = this.#at;
    for (;;) {
      const character = text.charCodeAt(this.#at);
      if (character === QUOTE) break;
      if (character === NEWLINE || Number.isNaN(character))
        this.#throwSyntaxRefusal('the value of a label is not terminated');
      if (character === BACKSLASH) {
        this.#at++;
        if (!'\\"n'.includes(text.charAt(this.#at) || '?'))
          this.#throwSyntaxRefusal('the value of a label contains an unknown escape');
      }
      this.#at++;
    }
    if (this.#at - start > LONGEST_VALUE)
      this.#throwSyntaxRefusal(`the value of a label is longer than ${LONGEST_VALUE} bytes`);
    return text.slice(start, this.#at++);
  }

  /** Reads the value of the sample, and the timestamp if the line has one. */
  #readValueAndTimestamp() {
    const text = this.#text;
    const end = text.indexOf('\n', this.#at);
    if (end < 0)
      this.#throwSyntaxRefusal('the body is truncated: its last line does not end with a line break');
    const [value = '', timestamp = '', ...rest] = text
      .slice(this.#at, end)
      .trim()
      .split(/[ \t]+/, 3);
    if (!NUMBER.test(value)) this.#throwSyntaxRefusal('the value is not a number');
    if (timestamp && !TIMESTAMP.test(timestamp))
      this.#throwSyntaxRefusal('the timestamp is not a whole number');
    if (rest.length) this.#throwSyntaxRefusal('unexpected text after the timestamp');
    this.value = value;
    this.timestamp = timestamp;
    this.#at = end + 1;
  }

  #skipSpacesAndTabs() {
    const text = this.#text;
    for (let character = text.charCodeAt(this.#at); character === SPACE || character === TAB; ) {
      character = text.charCodeAt(++this.#at);
    }
  }

  /**
   * Skips a character. Throws a refusal if the text contains another character at this position.
   * @param {number} character code
   * @param {string} shown the character, for the message
   */
  #skipCharacterOrThrow(character, shown) {
    if (this.#text.charCodeAt(this.#at) !== character) this.#throwSyntaxRefusal(`${shown} is missing`);
    this.#at++;
  }

  /**
   * Throws a refusal that contains the number of the current line.
   * @param {string} what problem of the line
   * @returns {never}
   */
  #throwSyntaxRefusal(what) {
    throw new Refusal(400, `line ${this.line}: ${what}`, 'unreadable');
  }
}
