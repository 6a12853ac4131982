// Accepts pushes of services on the node, by the Pushgateway protocol or OTLP, and forwards the samples to the metrics
// agent. Samples get the time of the push; samples of OTLP keep the timestamp of their point, if any. The program runs
// in nginx on QuickJS, which provides `fs` only under this module name.
import fs from 'fs';
import { decodeLatin1, decodeUtf8, encodeLatin1 } from '../../../programs/characters.mjs';
import { parseGroupingKey } from '../../../programs/grouping-key.mjs';
import { isMetricFamiliesContentType, metricFamiliesToText } from '../../../programs/metric-families.mjs';
import { Refusal } from '../../../programs/server.mjs';
import { deliverSamples } from './delivery.mjs';
import { incrementRejectedPushes, JobLimits } from './job-limits.mjs';
import { parseOtlpPushes } from './otlp.mjs';
import {
  assertJobNotReserved,
  maxRenderedPushBytes,
  parseAndValidateGroupingKey,
  validateAndRenderPush,
} from './samples.mjs';

const { LIMITS_FILE = '', STOPPED_FILE = '', LOGIN_FILE = '', AGENT_URL = '' } = process.env;

/** @typedef {import('./samples.mjs').Limits & { jobs: number, bytesPerMinute: number, pushesPerMinute: number }} Limits limits of pushes */

/**
 * Maximum work for decoding a push in the protobuf format: 400 fields for each series that a job may have. A series
 * with ten labels needs 250 fields.
 */
const WORK_OF_A_SERIES = 400;

/**
 * Maximum time in milliseconds for which a push waits for the agent. It is longer than a restart of the agent and
 * shorter than the timeout of clients.
 */
const PATIENCE_MS = 8_000;

/**
 * Returns an object that reads and writes the usage of all jobs in nginx's shared memory. All workers use this memory.
 * @param {Limits} limits
 */
const createJobLimits = (limits) => new JobLimits(ngx.shared.jobs, limits, Date.now());

/**
 * Reads the limits from the agent's configuration. The program calls this function for each push, so that a changed
 * configuration needs no restart.
 * @returns {Limits}
 */
const readPushLimits = () => JSON.parse(fs.readFileSync(LIMITS_FILE, 'utf8'));

/**
 * A push during validation. A rejected push is counted for its job, if the job is known at that time.
 * @typedef {{ limits: Limits, time: number, jobLimits: JobLimits, job?: string }} Pushing
 */

/** Handles a push by the Pushgateway protocol. @param {NginxRequest} r */
const handlePush = (r) =>
  runHandlerAndRespondToErrors(r, ['PUT', 'POST'], async (pushing) => {
    const { limits, time, jobLimits } = pushing;
    const labels = parseAndValidateGroupingKey(pathWithoutQuery(r), limits);
    pushing.job = jobFromLabels(labels);
    // The bytes count even if the text is rejected afterwards.
    jobLimits.enforceRateLimit(pushing.job, readBodyOrRefuseCompression(r).length);
    await validateAndDeliverPushes(pushing, [{ labels, text: decodeAndValidatePushText(r, limits), time }]);
    r.return(200);
  });

/** Handles an OTLP request over HTTP: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request @param {NginxRequest} r */
const handleOtlp = (r) =>
  runHandlerAndRespondToErrors(r, ['POST'], async (pushing) => {
    const { limits, time, jobLimits } = pushing;
    if (!/^application\/x-protobuf\s*(;|$)/i.test(r.headersIn['Content-Type'] ?? '')) {
      throw new Refusal(
        415,
        'OTLP must be in the protobuf format: set OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/protobuf (Content-Type application/x-protobuf)',
        'unsupported',
      );
    }
    const pushes = parseOtlpPushes(readBodyOrRefuseCompression(r), time, limits, (labels, bytes) => {
      pushing.job = jobFromLabels(labels);
      assertJobNotReserved(pushing.job, limits);
      jobLimits.enforceRateLimit(pushing.job, bytes);
    });
    await validateAndDeliverPushes(pushing, pushes);
    r.headersOut['Content-Type'] = 'application/x-protobuf';
    r.return(200);
  });

/** Serves the counters of accepted and rejected pushes, which the agent scrapes. @param {NginxRequest} r */
const serveMetrics = (r) => {
  r.headersOut['Content-Type'] = 'text/plain; version=0.0.4';
  r.return(200, createJobLimits(readPushLimits()).renderAndPrunePushCounters(ngx.shared.refusals));
};

/**
 * Validates all pushes of a request. If all pushes are valid, delivers their samples to the agent.
 * @param {Pushing} pushing @param {readonly import('./otlp.mjs').Push[]} pushes
 * @throws {Refusal} when a push is invalid (then no push is delivered), or when the agent does not accept the samples
 */
async function validateAndDeliverPushes(pushing, pushes) {
  const { limits, jobLimits } = pushing;
  let left = maxRenderedPushBytes(limits);
  const texts = pushes.map(({ labels, text, time }) => {
    pushing.job = jobFromLabels(labels);
    const found = validateAndRenderPush(text, labels, time, limits, left);
    jobLimits.enforceSeriesLimit(pushing.job, found.series);
    left -= found.text.length;
    return found.text;
  });
  if (texts.length)
    await deliverSamples(texts.join(''), AGENT_URL, fs.readFileSync(LOGIN_FILE, 'utf8').trim(), PATIENCE_MS);
  for (const { labels } of pushes) jobLimits.incrementAcceptedPushes(jobFromLabels(labels));
}

/** Returns the value of the label `job`, or an empty text without the label. @param {Map<string, string>} labels */
const jobFromLabels = (labels) => labels.get('job') ?? '';

/**
 * Returns the samples of a push in the text format. Converts a body in the protobuf format.
 * @param {NginxRequest} r @param {Limits} limits
 * @returns {string} latin1
 */
function decodeAndValidatePushText(r, limits) {
  const body = readBodyOrRefuseCompression(r);
  if (!isMetricFamiliesContentType(r.headersIn['Content-Type'] ?? ''))
    return decodeUtf8(body) === undefined ? throwNotUtf8() : decodeLatin1(body);
  const text = metricFamiliesToText(body, limits.bytesPerPush, WORK_OF_A_SERIES * limits.seriesPerJob);
  return decodeUtf8(encodeLatin1(text)) === undefined ? throwNotUtf8() : text;
}

/** Throws the refusal of a body that is not UTF-8. @returns {never} @throws {Refusal} */
function throwNotUtf8() {
  throw new Refusal(400, 'the body is not UTF-8', 'not_utf8');
}

/**
 * Returns the body of a request.
 * @param {NginxRequest} r
 * @returns {Buffer} @throws {Refusal} when the body is compressed
 */
function readBodyOrRefuseCompression(r) {
  const encoding = r.headersIn['Content-Encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw new Refusal(
      415,
      `Content-Encoding ${encoding} is not supported: send the body uncompressed; the agent compresses all samples that leave the node`,
      'unsupported',
    );
  }
  return r.requestBuffer ?? Buffer.from('');
}

/**
 * Runs a handler and turns its errors into responses. Rejects the request without calling the handler if the method is
 * not allowed, or the clock guard does not allow pushes.
 * @param {NginxRequest} r @param {readonly string[]} methods allowed HTTP methods @param {(pushing: Pushing) => Promise<void>} work
 */
async function runHandlerAndRespondToErrors(r, methods, work) {
  r.headersOut['Content-Type'] = 'text/plain; charset=utf-8';
  /** The current push; `undefined` until the limits have been read. @type {Pushing | undefined} */
  let pushing;
  try {
    const limits = readPushLimits();
    pushing = { limits, time: Date.now(), jobLimits: createJobLimits(limits) };
    if (!methods.includes(r.method)) throw wrongMethodRefusal(r.method, methods);
    assertClockGuardAllowsPushes();
    await work(pushing);
  } catch (error) {
    if (!(error instanceof Refusal)) return r.return(500, `internal error of the push listener: ${error}\n`);
    incrementRejectedRequests(r, pushing?.job, error.reason);
    if (error.status === 405) r.headersOut.Allow = methods.join(', ');
    if (error.status === 503) r.headersOut['Retry-After'] = '5';
    r.return(error.status, `${error.message}\n`);
  }
}

/**
 * Adds a rejected request to the counters, and marks the request, so that `addNginxRejection` does not count it again.
 * @param {NginxRequest} r @param {string | undefined} job @param {string} reason
 */
function incrementRejectedRequests(r, job, reason) {
  incrementRejectedPushes(ngx.shared.jobs, ngx.shared.refusals, job, reason);
  r.variables.is_counted = '1';
}

/**
 * Values of the label `reason` for requests that nginx itself rejects, by HTTP status.
 * @type {Record<string, string>}
 */
const REASONS = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'path',
  405: 'method',
  408: 'timeout',
  413: 'too_large',
  429: 'too_many_requests',
  499: 'client_left',
  500: 'failure',
};

/**
 * Adds a request to the counters if nginx itself has rejected the request. nginx calls this function at the end of each
 * request, to decide whether to log the request.
 * @param {NginxRequest} r
 * @returns {string} an empty text, so that nginx does not log the request
 */
function addNginxRejection(r) {
  const { status = '', is_counted: isCounted, is_pod: isPod } = r.variables;
  if (Number(status) < 400 || isCounted) return '';
  // Only pods of the node are counted by job. Other clients could otherwise create any number of counters.
  incrementRejectedRequests(r, isPod ? jobFromPath(r) : undefined, REASONS[status] ?? 'invalid_request');
  return '';
}

/** Returns the job in the path of a request, or `undefined` if the path is invalid. @param {NginxRequest} r @returns {string | undefined} */
function jobFromPath(r) {
  try {
    return jobFromLabels(parseGroupingKey(pathWithoutQuery(r)));
  } catch {
    return undefined;
  }
}

/** Returns the path of a request without the query string. @param {NginxRequest} r */
const pathWithoutQuery = (r) => (r.variables.request_uri ?? '').replace(/\?.*$/, '');

/** Returns the error for a method that is not allowed. @param {string} method @param {readonly string[]} methods */
const wrongMethodRefusal = (method, methods) =>
  new Refusal(
    405,
    method === 'DELETE'
      ? 'there is nothing to delete: pushes are forwarded to the cloud and not stored'
      : `the method ${method} is not allowed; allowed: ${methods.join(', ')}`,
    'method',
  );

/**
 * Throws while the clock guard refuses pushes, because the node's clock is wrong or its disk is full.
 * @throws {Refusal} with the reason, which the clock guard writes to a file
 */
function assertClockGuardAllowsPushes() {
  let reason;
  try {
    reason = fs.readFileSync(STOPPED_FILE, 'utf8').trim();
  } catch {
    return;
  }
  throw new Refusal(503, reason, 'stopped');
}

export default { handlePush, handleOtlp, serveMetrics, addNginxRejection };
