// Translates a remote-write request from protocol 1.0 to 2.0
// (https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/). If some samples of a 2.0 request are invalid,
// Prometheus still stores the other samples. Metadata of 1.0 is dropped, because no version of Prometheus reads it.
import { Fields, Writer } from '../../../programs/protobuf.mjs';

/**
 * Returns the protobuf tag of a length-delimited field, such as a message or a string.
 * @param {number} number field number
 */
const lengthDelimitedTag = (number) => (number << 3) | 2;

const V1 = {
  series: lengthDelimitedTag(1),
  label: lengthDelimitedTag(1),
  sample: lengthDelimitedTag(2),
  exemplar: lengthDelimitedTag(3),
  histogram: lengthDelimitedTag(4),
};
const V2 = {
  symbol: lengthDelimitedTag(4),
  series: lengthDelimitedTag(5),
  labelRefs: lengthDelimitedTag(1),
  sample: lengthDelimitedTag(2),
  histogram: lengthDelimitedTag(3),
  exemplar: lengthDelimitedTag(4),
};

/** Table of strings by index; the first string is empty, as the protocol requires. */
class SymbolTable {
  /** Index of each string in the table. @type {Map<string, number>} */
  #numbers = new Map([['', 0]]);
  writer = new Writer();

  constructor() {
    this.writer.appendBytesField(V2.symbol, Buffer.alloc(0));
  }

  /**
   * Returns the index of a string in the table. A string that is not in the table is added.
   * @param {Buffer} bytes buffer that contains the string
   * @param {number} start position of the string
   * @param {number} end position after the string
   * @returns {number} index of the string
   */
  findOrAddSymbol(bytes, start, end) {
    // Strings are copied byte by byte, so invalid UTF-8 is preserved.
    const key = bytes.latin1Slice(start, end);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(key, number);
    this.writer.appendBytesField(V2.symbol, bytes, start, end);
    return number;
  }
}

/**
 * Number of samples and of histogram samples in a request. The write filter compares both with the numbers that the
 * store reports as written.
 * @typedef {{ samples: number, histograms: number }} Amounts
 */

/**
 * Translates a request to protocol 2.0.
 * @param {Buffer} request uncompressed request of protocol 1.0
 * @returns {Amounts & { bytes: Buffer }} the uncompressed request of protocol 2.0, and its numbers of samples
 * and histograms
 * @throws {RangeError} if the request is malformed
 */
export function translateToVersion2(request) {
  const symbols = new SymbolTable();
  const all = new Writer();
  const series = new SeriesConverter(symbols);
  const amounts = { samples: 0, histograms: 0 };
  for (const field = new Fields(request); field.readNextField(); ) {
    if (field.tag !== V1.series) continue;
    series.convertSeries(request, field.start, field.end);
    series.writeConvertedSeries(all);
    amounts.samples += series.samples;
    amounts.histograms += series.histograms;
  }
  return { ...amounts, bytes: Buffer.concat([symbols.writer.content, all.content]) };
}

/** Converter for one series at a time. The object is reused for all series of a request. */
class SeriesConverter {
  samples = 0;
  histograms = 0;
  #refs = new Writer();
  #samples = new Writer();
  #histograms = new Writer();
  #exemplars = new Writer();

  /** Creates a converter for the series of one request. @param {SymbolTable} symbols table of strings, to which label names and values are added */
  constructor(symbols) {
    this.symbols = symbols;
  }

  /**
   * Reads a series of remote write 1.0, and converts labels, samples, histograms and exemplars to version 2.0.
   * @param {Buffer} bytes request of protocol 1.0
   * @param {number} start position of the series
   * @param {number} end position after the series
   */
  convertSeries(bytes, start, end) {
    this.samples = this.histograms = 0;
    for (const part of [this.#refs, this.#samples, this.#histograms, this.#exemplars]) part.clearContent();
    for (const field = new Fields(bytes, start, end); field.readNextField(); )
      this.#convertFieldOfSeries(bytes, field);
  }

  /**
   * Converts one field of a series.
   * @param {Buffer} bytes request of protocol 1.0
   * @param {Fields} field position of the field
   */
  #convertFieldOfSeries(bytes, { tag, start, end }) {
    switch (tag) {
      case V1.label:
        return this.#addLabel(bytes, start, end, this.#refs);
      case V1.sample:
        this.samples++;
        return this.#samples.appendBytesField(V2.sample, bytes, start, end);
      case V1.histogram:
        this.histograms++;
        return this.#histograms.appendBytesField(V2.histogram, bytes, start, end);
      case V1.exemplar:
        return this.#addExemplar(bytes, start, end);
    }
  }

  /**
   * Converts a label: appends the index of the label's name and the index of the label's value to `refs`.
   * @param {Buffer} bytes request of protocol 1.0
   * @param {number} start position of the label
   * @param {number} end position after the label
   * @param {Writer} refs list of indexes
   */
  #addLabel(bytes, start, end, refs) {
    const text = [0, 0];
    for (const field = new Fields(bytes, start, end); field.readNextField(); ) {
      if (field.tag === lengthDelimitedTag(1))
        text[0] = this.symbols.findOrAddSymbol(bytes, field.start, field.end);
      else if (field.tag === lengthDelimitedTag(2))
        text[1] = this.symbols.findOrAddSymbol(bytes, field.start, field.end);
    }
    refs.appendVarint(text[0]);
    refs.appendVarint(text[1]);
  }

  /**
   * Converts an exemplar. Only the labels of exemplars differ between the protocols; other fields are copied.
   * @param {Buffer} bytes request of protocol 1.0
   * @param {number} start position of the exemplar
   * @param {number} end position after the exemplar
   */
  #addExemplar(bytes, start, end) {
    const refs = new Writer();
    const rest = new Writer();
    for (const field = new Fields(bytes, start, end); field.readNextField(); ) {
      if (field.tag === V1.label) this.#addLabel(bytes, field.start, field.end, refs);
      else rest.appendBytes(bytes, field.from, field.end);
    }
    const exemplar = new Writer();
    exemplar.appendBytesField(V2.labelRefs, refs.content);
    exemplar.appendBytes(rest.content);
    this.#exemplars.appendBytesField(V2.exemplar, exemplar.content);
  }

  /**
   * Writes the converted series. Samples and histograms become separate series, because a series of protocol 2.0 must
   * not contain both. A series without samples and histograms is not written, because the store would reject it.
   * @param {Writer} all request of protocol 2.0, to which the series are appended
   */
  writeConvertedSeries(all) {
    if (this.histograms) this.#writeSamplesOrHistograms(all, this.#histograms.content, this.samples === 0);
    if (this.samples) this.#writeSamplesOrHistograms(all, this.#samples.content, true);
  }

  /**
   * Writes one series of version 2.0.
   * @param {Writer} all request of protocol 2.0, to which the series are appended
   * @param {Buffer} measured samples or histograms of the series
   * @param {boolean} withExemplars whether the exemplars are written, too
   */
  #writeSamplesOrHistograms(all, measured, withExemplars) {
    const refs = this.#refs.content;
    const exemplars = withExemplars ? this.#exemplars.content : Buffer.alloc(0);
    all.appendVarint(V2.series);
    all.appendVarint(1 + varintSize(refs.length) + refs.length + measured.length + exemplars.length);
    all.appendBytesField(V2.labelRefs, refs);
    all.appendBytes(measured);
    all.appendBytes(exemplars);
  }
}

/** Returns the number of bytes of a varint. @param {number} value number to encode */
function varintSize(value) {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}
