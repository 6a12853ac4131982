// Renders the samples of a push as lines for the agent, with the labels of their grouping key and a timestamp.
import { decodeLatin1 } from '../../../programs/characters.mjs';
import { Samples } from '../../../programs/exposition.mjs';
import { groupingKey } from '../../../programs/grouping-key.mjs';
import { acceptablePush } from '../../../programs/pushes.mjs';
import { Refusal } from '../../../programs/server.mjs';

/** Labels that the agent sets, or that repeat them. */
const OF_THE_AGENT = ['cluster', 'group', 'node', 'hostname'];

/**
 * Limits that follow from the labels of the grouping key, which each sample of the push has.
 * @param {Pick<Limits, 'bytesPerPush'>} limits
 */
export const longestText = ({ bytesPerPush }) => 4 * bytesPerPush;

/** Maximum number of labels of a series, including those of its grouping key: the gateway drops series with more. */
const MOST_LABELS = 61;

/** @typedef {{ reservedMetrics: string, reservedJobs: string, readJobs: string[], seriesPerJob: number, bytesPerPush: number }} Limits */

/**
 * Returns the labels of a path without `hostname`, which names the node in pushes to a Pushgateway.
 * @param {string} path @param {Limits} limits @returns {Map<string, string>} @throws {Refusal}
 */
export function pushedLabels(path, limits) {
  const labels = groupingKey(path);
  refuseJob(labels.get('job') ?? '', limits);
  const own = ['cluster', 'group', 'node', 'pushgateway'].find((name) => labels.has(name));
  if (own) throw new Refusal(400, `the label ${own} is set by the node's agent: leave it out`, 'reserved');
  labels.delete('hostname');
  return labels;
}

/** @param {string} job @param {Limits} limits @throws {Refusal} */
export function refuseJob(job, { reservedJobs, readJobs }) {
  if (!readJobs.includes(job) && !new RegExp(reservedJobs).test(job)) return;
  throw new Refusal(
    400,
    `the job ${job} is one of the stack's own: give the service another one`,
    'reserved',
  );
}

/**
 * @param {string} text latin1 @param {Map<string, string>} labels @param {number} time milliseconds @param {Limits} limits
 * @param {number} [longest] of what is returned, in bytes
 * @returns {{ text: string, series: string[] }} in latin1 @throws {Refusal}
 */
export function samplesOf(text, labels, time, limits, longest = longestText(limits)) {
  refuseJob(labels.get('job') ?? '', limits);
  const push = acceptablePush(text, {
    reserved: new RegExp(limits.reservedMetrics),
    keyLabels: new Set([...labels.keys(), ...OF_THE_AGENT, 'instance', 'pushgateway']),
    mostSamples: limits.seriesPerJob,
  });
  const key = [...labels].map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',');
  if (push.text.length + push.series.size * key.length > longest) {
    throw new Refusal(
      413,
      `a push of more than ${longestText(limits)} bytes, with the labels of its key in each sample`,
      'too_large',
    );
  }
  const lines = [];
  for (const samples = new Samples(push.text); samples.next(); ) {
    if (samples.labelNames.length + labels.size > MOST_LABELS) {
      throw new Refusal(400, `a series of ${samples.name} has more than ${MOST_LABELS} labels`, 'unreadable');
    }
    const own = samples.labelNames.map((name, at) => `,${name}="${samples.labelValues[at]}"`).join('');
    lines.push(`${samples.name}{${key}${own}} ${samples.value} ${time}\n`);
  }
  // Pushgateway's metric with the time of the last push of a group.
  lines.push(`push_time_seconds{${key}} ${time / 1_000} ${time}\n`);
  return { text: lines.join(''), series: [...push.series.keys()].map((series) => `${key} ${series}`) };
}

/** @param {string} value */
const escapeLabel = (value) =>
  decodeLatin1(Buffer.from(value)).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
