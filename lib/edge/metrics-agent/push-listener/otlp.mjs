// Converts an OTLP request to Prometheus's text format, with the names that Prometheus gives metrics of OpenTelemetry.
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto
// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
import { decodeLatin1, decodeUtf8, encodeLatin1 } from '../../../programs/characters.mjs';
import { bytesToLabelValue } from '../../../programs/grouping-key.mjs';
import { Budget } from '../../../programs/protobuf.mjs';
import { Refusal } from '../../../programs/server.mjs';
import { Message } from './otlp-message.mjs';
import { prometheusLabelName, prometheusMetricName } from './otlp-names.mjs';
import { KINDS, renderNumber } from './otlp-points.mjs';
import { maxRenderedPushBytes } from './samples.mjs';

/**
 * @typedef {{ labels: Map<string, string>, text: string, time: number }} Push samples of one resource with one timestamp; text in latin1
 * @typedef {{ labels: Map<string, string>, lines: string[], time: number }} Target collects the samples of one push
 * @typedef {import('./otlp-points.mjs').Kind} Kind
 */

/** Field number of `exponential_histogram` in the OTLP message `Metric`. */
const EXPONENTIAL = 10;

/** Value of AGGREGATION_TEMPORALITY_CUMULATIVE. */
const CUMULATIVE = 2;
/** Bit in the flags of a data point that marks a point without a recorded value. */
const NO_VALUE = 1;
/** Maximum work for a request, in fields: this number times `seriesPerJob`. A point with ten labels needs 215 fields. */
const WORK_OF_A_SERIES = 250;
/** Maximum number of combinations of a resource and a timestamp in a request. An SDK sends one; a collector can send more. */
const MAX_TARGETS = 100;
/**
 * Maximum length of a metric's name and unit in bytes, as in the SDKs:
 * https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument-name-syntax
 */
const [LONGEST_NAME, LONGEST_UNIT] = [255, 63];
/** Limits in milliseconds: a timestamp may be up to a minute ahead of the node's clock, and up to a day behind it. */
const [MOST_AHEAD_MS, MOST_BEHIND_MS] = [60_000, 86_400_000];

/**
 * Parses an OTLP request. Returns a push for each combination of resource and timestamp.
 * @param {Uint8Array} body @param {number} now current time in milliseconds, for points without a timestamp
 * @param {{ bytesPerPush: number, seriesPerJob: number }} limits
 * @param {(labels: Map<string, string>, bytes: number) => void} admit called for each resource before its points are
 * parsed; throws to reject the request
 * @returns {Push[]} @throws {Refusal}
 */
export function parseOtlpPushes(body, now, limits, admit) {
  const reading = new RequestParser(now, limits, admit);
  try {
    for (const item of reading.parseMessage(body).getRepeatedBytes(1)) reading.addResourceMetrics(item);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Refusal(
      400,
      `the body is not a valid ExportMetricsServiceRequest: ${error.message}`,
      'unreadable',
    );
  }
  return reading.pushes;
}

/** Parses a request. Collects the samples, and throws if the request exceeds the limits of its work or its size. */
class RequestParser {
  /** Collected samples, by resource and timestamp. @type {Map<string, Target>} */
  #targets = new Map();
  #budget;
  #now;
  #left;
  #admit;
  /** Grouping labels of the current resource. @type {Map<string, string>} */
  #labels = new Map();

  /**
   * Creates the parser of a request. The parser calls `admit` for each resource, and `admit` throws to reject the
   * request.
   * @param {number} now milliseconds @param {{ bytesPerPush: number, seriesPerJob: number }} limits
   * @param {(labels: Map<string, string>, bytes: number) => void} admit
   */
  constructor(now, { bytesPerPush, seriesPerJob }, admit) {
    this.#now = now;
    this.#budget = new Budget(WORK_OF_A_SERIES * seriesPerJob);
    this.#left = maxRenderedPushBytes({ bytesPerPush });
    this.#admit = admit;
  }

  /** Pushes of the request: one for each set of grouping labels and timestamp. @returns {Push[]} */
  get pushes() {
    return [...this.#targets.values()].map(({ labels, lines, time }) => ({
      labels,
      text: lines.join(''),
      time,
    }));
  }

  /** Parses a nested message. @param {Uint8Array} content */
  parseMessage = (content) => new Message(content, this.#budget);

  /** Adds the samples of a ResourceMetrics message. @param {Uint8Array} content */
  addResourceMetrics(content) {
    const fields = this.parseMessage(content);
    this.#labels = this.#groupingLabelsFromResource(fields.getBytes(1));
    this.#admit(this.#labels, content.length);
    for (const scope of fields.getRepeatedBytes(2)) {
      for (const metric of this.parseMessage(scope).getRepeatedBytes(2))
        this.#addMetric(this.parseMessage(metric));
    }
  }

  /** Returns the labels `job` and `instance` that Prometheus derives from a resource. @param {Uint8Array} resource */
  #groupingLabelsFromResource(resource) {
    const attributes = new Map(this.#readAttributes(this.parseMessage(resource).getRepeatedBytes(1)));
    const [service, namespace, instance] = ['name', 'namespace', 'instance.id'].map((name) =>
      attributes.get(`service.${name}`),
    );
    if (!service) {
      throw new Refusal(400, 'the resource has no service.name: set OTEL_SERVICE_NAME', 'grouping_key');
    }
    const job = namespace ? `${namespace}/${service}` : service;
    const labels = new Map([['job', bytesToLabelValue('job', encodeLatin1(job))]]);
    return instance ? labels.set('instance', bytesToLabelValue('instance', encodeLatin1(instance))) : labels;
  }

  /** Adds the points of a metric. @param {Message} metric */
  #addMetric(metric) {
    const name = decodeNameOrUnit(metric.getBytes(1), LONGEST_NAME);
    const unit = decodeNameOrUnit(metric.getBytes(3), LONGEST_UNIT);
    if (metric.hasField(EXPONENTIAL)) {
      const message = `${name}: exponential histograms are not supported: use explicit buckets`;
      throw new Refusal(400, message, 'unsupported');
    }
    for (const kind of KINDS) {
      for (const data of metric.getRepeatedBytes(kind.field))
        this.#addPoints(name, unit, kind, this.parseMessage(data));
    }
  }

  /** Adds the points of a metric that has the type `kind`. @param {string} name @param {string} unit @param {Kind} kind @param {Message} data */
  #addPoints(name, unit, kind, data) {
    if (kind.hasTemporality && data.getVarint(2) !== CUMULATIVE) {
      throw new Refusal(
        400,
        `${name}: the temporality must be cumulative: set OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative`,
        'unsupported',
      );
    }
    const isCounter = Boolean(kind.hasTemporality && data.getVarint(3));
    const metric = prometheusMetricName(name, unit, { isCounter, isRatio: Boolean(kind.isGauge) });
    for (const point of data.getRepeatedBytes(1)) this.#addPoint(metric, kind, this.parseMessage(point));
  }

  /** Adds the samples of a point with a recorded value. @param {string} metric @param {Kind} kind @param {Message} point */
  #addPoint(metric, kind, point) {
    if (point.getVarint(kind.flags) & NO_VALUE) return;
    const target = this.#findOrCreatePush(this.#requirePlausiblePointTime(metric, point));
    const labels = this.#renderLabelsFromAttributes(point.getRepeatedBytes(kind.attributes));
    for (const [name, more, value] of kind.samples(point, this.parseMessage)) {
      const line = `${metric}${name}{${[...labels, ...more].join(',')}} ${renderNumber(value)}\n`;
      this.#left -= line.length;
      if (this.#left < 0) {
        throw new Refusal(413, 'the body rendered as text is too large: send smaller batches', 'too_large');
      }
      target.lines.push(line);
    }
  }

  /** Returns the timestamp of a point in milliseconds, by default the current time. @param {string} metric @param {Message} point @throws {Refusal} if the timestamp is too old or too far in the future */
  #requirePlausiblePointTime(metric, point) {
    const time = point.getTimeInMilliseconds(3) || this.#now;
    const ahead = time - this.#now;
    if (ahead <= MOST_AHEAD_MS && ahead >= -MOST_BEHIND_MS) return time;
    const message = `${metric}: the timestamp of a point differs from the node's clock by ${Math.round(ahead / 1_000)} s; allowed: ${-MOST_BEHIND_MS / 1_000} to ${MOST_AHEAD_MS / 1_000} s`;
    throw new Refusal(400, message, 'time');
  }

  /**
   * Returns the entry that collects the samples of the current resource with the given timestamp. Creates the entry if
   * it does not exist.
   * @param {number} time milliseconds @throws {Refusal} when there are too many entries
   */
  #findOrCreatePush(time) {
    const key = JSON.stringify([...this.#labels, time]);
    const target = this.#targets.get(key) ?? { labels: this.#labels, lines: [], time };
    this.#targets.set(key, target);
    if (this.#targets.size > MAX_TARGETS) {
      throw new Refusal(
        413,
        `the request has more than ${MAX_TARGETS} combinations of resource and timestamp: send smaller batches`,
        'too_large',
      );
    }
    return target;
  }

  /** Returns the labels for the attributes of a point, such as `method="GET"`. @param {Uint8Array[]} attributes */
  #renderLabelsFromAttributes(attributes) {
    /** Values by label name. @type {Map<string, string>} */
    const named = new Map();
    for (const [name, value] of this.#readAttributes(attributes)) {
      const label = prometheusLabelName(name);
      // If two attributes become the same label, their values are joined with a semicolon, as Prometheus does.
      named.set(label, named.has(label) ? `${named.get(label)};${value}` : value);
    }
    return [...named].map(([name, value]) => `${name}="${escapeLabelValue(value)}"`);
  }

  /** Returns names and values of attributes. @param {Uint8Array[]} attributes @returns {[name: string, value: string][]} in latin1 */
  #readAttributes(attributes) {
    return attributes.map((attribute) => {
      const fields = this.parseMessage(attribute);
      const value = this.parseMessage(fields.getBytes(2));
      return [decodeLatin1(fields.getBytes(1)), this.#renderAttributeValue(value)];
    });
  }

  /**
   * Renders the value of an attribute as text. A list becomes JSON. Bytes and maps are not supported, and become an
   * empty text.
   * @param {Message} value @param {boolean} [isInList] @returns {string} latin1
   */
  #renderAttributeValue(value, isInList = false) {
    if (value.hasField(1)) {
      const text = value.getBytes(1);
      if (decodeUtf8(text) === undefined) throw new Refusal(400, 'an attribute is not UTF-8', 'not_utf8');
      return decodeLatin1(text);
    }
    if (value.hasField(2)) return `${Boolean(value.getVarint(2))}`;
    // Protobuf encodes a negative int64 as an unsigned varint of 64 bits.
    if (value.hasField(3))
      return `${value.getVarint(3) >= 2 ** 63 ? value.getVarint(3) - 2 ** 64 : value.getVarint(3)}`;
    if (value.hasField(4)) return renderNumber(value.getDouble(4));
    if (!value.hasField(5)) return '';
    if (isInList) throw new Refusal(400, 'an attribute is a list of lists: flatten the list', 'unsupported');
    const list = this.parseMessage(value.getBytes(5)).getRepeatedBytes(1);
    return JSON.stringify(list.map((one) => this.#renderAttributeValue(this.parseMessage(one), true)));
  }
}

/**
 * Returns a metric's name or unit as text.
 * @param {Uint8Array} bytes @param {number} longest maximum length in bytes @returns {string} latin1
 * @throws {Refusal} when the name or unit is longer
 */
function decodeNameOrUnit(bytes, longest) {
  if (bytes.length <= longest) return decodeLatin1(bytes);
  const message = `the name or unit of a metric is longer than ${longest} bytes: ${decodeLatin1(bytes.subarray(0, longest))}`;
  throw new Refusal(400, message, 'unreadable');
}

/** Escapes a label value for the text format. @param {string} value */
const escapeLabelValue = (value) =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
