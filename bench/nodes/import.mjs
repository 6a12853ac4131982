// Simulates the samples of a fleet: hands them to a vmagent in the text format, as fast as it takes them with the times
// at which they would have been measured, or paced, when they are measured. Told by JSON on standard input, and ends by
// itself.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const { url, series, nodes, from, seconds, interval, paced } = JSON.parse(readFileSync(0, 'utf8'));
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Size of a request. */
const BATCH_BYTES = 8 * 2 ** 20;

/** Every node has its own series and values: they change like the recorded ones, in a different order. */
const fleet = Array.from({ length: nodes }, (_, node) =>
  series.map(({ id, readings }) => ({
    head: `${id.endsWith('}') ? `${id.slice(0, -1)},` : `${id}{`}node="edge-${node}"} `,
    value: readings[0],
    steps: readings.slice(1).map((reading, index) => reading - readings[index]),
    digits: Math.max(...readings.map(digitsOf)),
  })),
).flat();

function digitsOf(reading) {
  return Math.min(9, `${reading}`.split('.')[1]?.length ?? 0);
}

/** Advances by one sample. */
function next(one) {
  const step = one.steps[Math.floor(Math.random() * one.steps.length)];
  if (step !== 0) one.value = Number((one.value + step).toFixed(one.digits));
  return one.value;
}

function send(body) {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', agent, timeout: 60_000 }, (response) => {
      response.resume();
      response.on('end', () =>
        response.statusCode < 300 ? resolve() : reject(new Error(`${url}: ${response.statusCode}`)),
      );
    });
    sending.on('timeout', () => sending.destroy(new Error('no answer in a minute')));
    sending.on('error', reject);
    sending.end(body);
  });
}

const age = (time) => Date.now() / 1_000 - time;

let samples = 0;
let latest = 0;
for (let time = from; time < from + seconds; time += interval) {
  if (paced) await sleep(Math.max(0, -age(time) * 1_000));
  let text = '';
  for (const one of fleet) {
    text += `${one.head}${next(one)} ${time * 1_000}\n`;
    if (text.length > BATCH_BYTES) {
      await send(text);
      text = '';
    }
  }
  if (text) await send(text);
  samples += fleet.length;
  latest = Math.max(latest, age(time));
}
agent.destroy();
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ samples, latest, cpuSeconds: (user + system) / 1e6 }));
