// Accepts pushes of services on the node, in Pushgateway's protocol and in OTLP, and forwards their samples to the
// metrics agent with the time of the push. It runs in nginx on QuickJS, in which `fs` is only available under this
// name.
import fs from 'fs';
import { decodeLatin1, decodeUtf8, encodeLatin1 } from '../../../programs/characters.mjs';
import { groupingKey } from '../../../programs/grouping-key.mjs';
import { familiesToText, isOfFamilies } from '../../../programs/metric-families.mjs';
import { Refusal } from '../../../programs/server.mjs';
import { deliver } from './delivery.mjs';
import { countRefused, JobShares } from './job-shares.mjs';
import { pushesOf } from './otlp.mjs';
import { longestText, pushedLabels, refuseJob, samplesOf } from './samples.mjs';

const { LIMITS_FILE = '', STOPPED_FILE = '', LOGIN_FILE = '', AGENT_URL = '' } = process.env;

/** @typedef {import('./samples.mjs').Limits & { jobs: number, bytesPerMinute: number, pushesPerMinute: number }} Limits */

/** Maximum work for metric families, per series that a job may have: one with ten labels takes 250. */
const WORK_OF_A_SERIES = 400;

/** Longer than an agent takes to restart, and shorter than the timeout of clients. */
const PATIENCE_MS = 8_000;

/** @param {Limits} limits */
const createShares = (limits) => new JobShares(ngx.shared.jobs, limits, Date.now());

/**
 * The limits are read at each push: they change with the configuration of the agent, without a restart.
 * @returns {Limits}
 */
const readLimits = () => JSON.parse(fs.readFileSync(LIMITS_FILE, 'utf8'));

/**
 * A push during validation: a refusal counts for its job, if that is known.
 * @typedef {{ limits: Limits, time: number, known: JobShares, job?: string }} Pushing
 */

/** Accepts a push in Pushgateway's protocol. @param {NginxRequest} r */
const push = (r) =>
  answerRequest(r, ['PUT', 'POST'], async (pushing) => {
    const { limits, time, known } = pushing;
    const labels = pushedLabels(pathOf(r), limits);
    pushing.job = jobLabel(labels);
    // The bytes also count if the text is refused.
    known.spend(pushing.job, decodeBody(r).length);
    await acceptPushes(pushing, [{ labels, text: pushText(r, limits), time }]);
    r.return(200);
  });

/** Accepts OTLP over HTTP: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request @param {NginxRequest} r */
const otlp = (r) =>
  answerRequest(r, ['POST'], async (pushing) => {
    const { limits, time, known } = pushing;
    if (!/^application\/x-protobuf\s*(;|$)/i.test(r.headersIn['Content-Type'] ?? '')) {
      throw new Refusal(
        415,
        'only OTLP as protobuf is taken: set OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/protobuf (Content-Type application/x-protobuf)',
        'unsupported',
      );
    }
    const pushes = pushesOf(decodeBody(r), time, limits, (labels, bytes) => {
      pushing.job = jobLabel(labels);
      refuseJob(pushing.job, limits);
      known.spend(pushing.job, bytes);
    });
    await acceptPushes(pushing, pushes);
    r.headersOut['Content-Type'] = 'application/x-protobuf';
    r.return(200);
  });

/** Serves its counters to the agent. @param {NginxRequest} r */
const metrics = (r) => {
  r.headersOut['Content-Type'] = 'text/plain; version=0.0.4';
  r.return(200, createShares(readLimits()).metrics(ngx.shared.refusals));
};

/** Accepts the whole push or nothing. @param {Pushing} pushing @param {readonly import('./otlp.mjs').Push[]} pushes */
async function acceptPushes(pushing, pushes) {
  const { limits, known } = pushing;
  let left = longestText(limits);
  const texts = pushes.map(({ labels, text, time }) => {
    pushing.job = jobLabel(labels);
    const found = samplesOf(text, labels, time, limits, left);
    known.admit(pushing.job, found.series);
    left -= found.text.length;
    return found.text;
  });
  if (texts.length)
    await deliver(texts.join(''), AGENT_URL, fs.readFileSync(LOGIN_FILE, 'utf8').trim(), PATIENCE_MS);
  for (const { labels } of pushes) known.countAccepted(jobLabel(labels));
}

/** @param {Map<string, string>} labels */
const jobLabel = (labels) => labels.get('job') ?? '';

/** @param {NginxRequest} r @param {Limits} limits @returns {string} latin1 */
function pushText(r, limits) {
  const body = decodeBody(r);
  if (!isOfFamilies(r.headersIn['Content-Type'] ?? ''))
    return decodeUtf8(body) === undefined ? refuseNotUtf8() : decodeLatin1(body);
  const text = familiesToText(body, limits.bytesPerPush, WORK_OF_A_SERIES * limits.seriesPerJob);
  return decodeUtf8(encodeLatin1(text)) === undefined ? refuseNotUtf8() : text;
}

/** @returns {never} @throws {Refusal} */
function refuseNotUtf8() {
  throw new Refusal(400, 'the body is not UTF-8', 'not_utf8');
}

/** @param {NginxRequest} r @returns {Buffer} */
function decodeBody(r) {
  const encoding = r.headersIn['Content-Encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw new Refusal(
      415,
      `Content-Encoding ${encoding}: send it unpacked, it does not leave the node; the agent packs it`,
      'unsupported',
    );
  }
  return r.requestBuffer ?? Buffer.from('');
}

/** @param {NginxRequest} r @param {readonly string[]} methods @param {(pushing: Pushing) => Promise<void>} work */
async function answerRequest(r, methods, work) {
  r.headersOut['Content-Type'] = 'text/plain; charset=utf-8';
  /** @type {Pushing | undefined} */
  let pushing;
  try {
    const limits = readLimits();
    pushing = { limits, time: Date.now(), known: createShares(limits) };
    if (!methods.includes(r.method)) throw wrongMethodRefusal(r.method, methods);
    refuseWhileStopped();
    await work(pushing);
  } catch (error) {
    if (!(error instanceof Refusal)) return r.return(500, `the listener failed: ${error}\n`);
    count(r, pushing?.job, error.reason);
    if (error.status === 405) r.headersOut.Allow = methods.join(', ');
    if (error.status === 503) r.headersOut['Retry-After'] = '5';
    r.return(error.status, `${error.message}\n`);
  }
}

/** @param {NginxRequest} r @param {string | undefined} job @param {string} reason */
function count(r, job, reason) {
  countRefused(ngx.shared.jobs, ngx.shared.refusals, job, reason);
  r.variables.is_counted = '1';
}

/** Requests that nginx refuses before a push is read, or if the body does not arrive. @type {Record<string, string>} */
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
 * Counts requests that nginx has refused; nginx calls this function at the end of each request to decide about logging.
 * @param {NginxRequest} r @returns {string} nothing: it is not logged
 */
function countRefusal(r) {
  const { status = '', is_counted: isCounted, is_pod: isPod } = r.variables;
  if (Number(status) < 400 || isCounted) return '';
  // Other clients could name any job.
  count(r, isPod ? namedJob(r) : undefined, REASONS[status] ?? 'invalid_request');
  return '';
}

/** @param {NginxRequest} r @returns {string | undefined} */
function namedJob(r) {
  try {
    return jobLabel(groupingKey(pathOf(r)));
  } catch {
    return undefined;
  }
}

/** @param {NginxRequest} r */
const pathOf = (r) => (r.variables.request_uri ?? '').replace(/\?.*$/, '');

/** @param {string} method @param {readonly string[]} methods */
const wrongMethodRefusal = (method, methods) =>
  new Refusal(
    405,
    method === 'DELETE'
      ? 'there is nothing to delete: pushes are forwarded to the cloud and not stored'
      : `allowed here: ${methods.join(', ')}`,
    'method',
  );

/** Pushes are refused while the clock is wrong or the disk is full; the clock guard writes the reason to a file. */
function refuseWhileStopped() {
  let reason;
  try {
    reason = fs.readFileSync(STOPPED_FILE, 'utf8').trim();
  } catch {
    return;
  }
  throw new Refusal(503, reason, 'stopped');
}

export default { push, otlp, metrics, countRefusal };
