// Simulates the samples of a fleet, and sends them to a vmagent in the Prometheus text format. With `paced`, sends each
// sample at its own time; otherwise sends samples of the past, as fast as vmagent accepts them. Reads its options as
// JSON from standard input, prints the result as JSON, and exits.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const { url, series, nodes, from, seconds, interval, paced } = JSON.parse(readFileSync(0, 'utf8'));
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Maximum size of a request in bytes. */
const BATCH_BYTES = 8 * 2 ** 20;

/**
 * Series of all nodes. Each node has its own series and values, which change by the same steps as the recorded values,
 * in random order.
 */
const fleet = Array.from({ length: nodes }, (_, node) =>
  series.map(({ id, readings }) => ({
    head: `${id.endsWith('}') ? `${id.slice(0, -1)},` : `${id}{`}node="edge-${node}"} `,
    value: readings[0],
    steps: readings.slice(1).map((reading, index) => reading - readings[index]),
    digits: Math.max(...readings.map(countDecimals)),
  })),
).flat();

function countDecimals(reading) {
  return Math.min(9, `${reading}`.split('.')[1]?.length ?? 0);
}

/** Changes the value of a series by a random recorded step, and returns the new value. */
function nextValue(one) {
  const step = one.steps[Math.floor(Math.random() * one.steps.length)];
  if (step !== 0) one.value = Number((one.value + step).toFixed(one.digits));
  return one.value;
}

function sendBatch(body) {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', agent, timeout: 60_000 }, (response) => {
      response.resume();
      response.on('end', () =>
        response.statusCode < 300 ? resolve() : reject(new Error(`${url}: ${response.statusCode}`)),
      );
    });
    sending.on('timeout', () => sending.destroy(new Error('vmagent did not respond within 60 s')));
    sending.on('error', reject);
    sending.end(body);
  });
}

/** Returns the seconds since a time, which is in seconds since 1970. Negative for times in the future. */
const secondsSince = (time) => Date.now() / 1_000 - time;

let samples = 0;
let latest = 0;
for (let time = from; time < from + seconds; time += interval) {
  if (paced) await sleep(Math.max(0, -secondsSince(time) * 1_000));
  let text = '';
  for (const one of fleet) {
    text += `${one.head}${nextValue(one)} ${time * 1_000}\n`;
    if (text.length > BATCH_BYTES) {
      await sendBatch(text);
      text = '';
    }
  }
  if (text) await sendBatch(text);
  samples += fleet.length;
  latest = Math.max(latest, secondsSince(time));
}
agent.destroy();
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ samples, latest, cpuSeconds: (user + system) / 1e6 }));
