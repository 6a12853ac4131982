// Renders the samples of a push in the text format for the agent. Each line has the labels of the grouping key and a
// timestamp.
import { decodeLatin1 } from '../../../programs/characters.mjs';
import { Samples } from '../../../programs/exposition.mjs';
import { parseGroupingKey } from '../../../programs/grouping-key.mjs';
import { parsePushBody } from '../../../programs/pushes.mjs';
import { Refusal } from '../../../programs/server.mjs';

/** Labels to remove from pushed samples: the agent sets the first three itself, and `hostname` repeats `node`. */
const AGENT_LABELS = ['cluster', 'group', 'node', 'hostname'];

/**
 * Returns the maximum size of a rendered push in bytes. A rendered push can be longer than the request body, because
 * each line repeats the labels of the grouping key.
 * @param {Pick<Limits, 'bytesPerPush'>} limits
 */
export const maxRenderedPushBytes = ({ bytesPerPush }) => 4 * bytesPerPush;

/** Maximum number of labels of a series, including the grouping key. The gateway drops series with more labels. */
const MAX_LABELS = 61;

/**
 * @typedef {{ reservedMetrics: string, reservedJobs: string, readJobs: string[], seriesPerJob: number,
 * bytesPerPush: number }} Limits limits of pushes; `readJobs` are the jobs that the agent scrapes
 */

/**
 * Parses the labels of the grouping key in a path. The label `hostname` is omitted. In pushes to a Pushgateway, this
 * label is the node's name, which the agent already sets as the label `node`.
 * @param {string} path @param {Limits} limits
 * @returns {Map<string, string>}
 * @throws {Refusal} when the path is invalid, or when the job or a label is reserved
 */
export function parseAndValidateGroupingKey(path, limits) {
  const labels = parseGroupingKey(path);
  assertJobNotReserved(labels.get('job') ?? '', limits);
  const own = ['cluster', 'group', 'node', 'pushgateway'].find((name) => labels.has(name));
  if (own)
    throw new Refusal(
      400,
      `the label "${own}" is reserved, because the node's agent sets this label: remove the label from the path`,
      'reserved',
    );
  labels.delete('hostname');
  return labels;
}

/**
 * Throws if services must not push under a job: the agent scrapes the job, or the job is reserved for the stack.
 * @param {string} job @param {Limits} limits
 * @throws {Refusal}
 */
export function assertJobNotReserved(job, { reservedJobs, readJobs }) {
  if (!readJobs.includes(job) && !new RegExp(reservedJobs).test(job)) return;
  throw new Refusal(
    400,
    `the job name "${job}" is reserved for targets of the agent and for cloud components: use another job name`,
    'reserved',
  );
}

/**
 * Validates the samples of a push and renders them for the agent.
 * @param {string} text samples in the text format, in latin1 @param {Map<string, string>} labels labels of the grouping
 * key
 * @param {number} time timestamp in milliseconds @param {Limits} limits
 * @param {number} [longest] maximum size of the returned text, in bytes
 * @returns {{ text: string, series: string[] }} text and names of the series, in latin1 @throws {Refusal}
 */
export function validateAndRenderPush(text, labels, time, limits, longest = maxRenderedPushBytes(limits)) {
  assertJobNotReserved(labels.get('job') ?? '', limits);
  const push = parsePushBody(text, {
    reserved: new RegExp(limits.reservedMetrics),
    keyLabels: new Set([...labels.keys(), ...AGENT_LABELS, 'instance', 'pushgateway']),
    mostSamples: limits.seriesPerJob,
  });
  const key = [...labels].map(([name, value]) => `${name}="${encodeAndEscapeLabelValue(value)}"`).join(',');
  if (push.text.length + push.series.size * key.length > longest) {
    throw new Refusal(
      413,
      `the push is too large; allowed: ${maxRenderedPushBytes(limits)} bytes, counting the labels of the grouping key for each sample`,
      'too_large',
    );
  }
  const lines = [];
  for (const samples = new Samples(push.text); samples.readNextSample(); ) {
    if (samples.labelNames.length + labels.size > MAX_LABELS) {
      throw new Refusal(
        400,
        `a series of the metric ${samples.name} has more than ${MAX_LABELS} labels, including the labels of the grouping key: remove labels`,
        'unreadable',
      );
    }
    const own = samples.labelNames.map((name, at) => `,${name}="${samples.labelValues[at]}"`).join('');
    lines.push(`${samples.name}{${key}${own}} ${samples.value} ${time}\n`);
  }
  // A Pushgateway adds this metric, too: the time of the last push of a group.
  lines.push(`push_time_seconds{${key}} ${time / 1_000} ${time}\n`);
  return { text: lines.join(''), series: [...push.series.keys()].map((series) => `${key} ${series}`) };
}

/** Escapes a label value for the text format. @param {string} value */
const encodeAndEscapeLabelValue = (value) =>
  decodeLatin1(Buffer.from(value)).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
