// Simulates the samples of a fleet over hours of its time: hands them to a vmagent in the text format, with the times
// at which they would have been measured, as fast as it takes them. Told by JSON on standard input, and ends by itself.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';

const { url, series, nodes, from, seconds, interval } = JSON.parse(readFileSync(0, 'utf8'));
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** So much text is one request. */
const BATCH_BYTES = 8 * 2 ** 20;

/** Every node has series of its own, with values of its own. */
const fleet = Array.from({ length: nodes }, (_, node) =>
  series.map(({ name, labels, value, step }) => ({
    head: `${name}{${labels}${labels && ','}node="edge-${node}"} `,
    value,
    isWhole: Number.isInteger(value),
    step: step * (0.5 + Math.random()),
  })),
).flat();

/** One sample later: what never changes does not, what counts goes on counting, unevenly. */
function next(one) {
  if (one.step !== 0) one.value += one.step * (0.7 + 0.6 * Math.random());
  // Bytes and packets are whole; seconds of processors are counted in hundredths.
  return one.isWhole ? Math.round(one.value) : Math.round(one.value * 100) / 100;
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

let samples = 0;
for (let time = from; time < from + seconds; time += interval) {
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
}
agent.destroy();
console.log(JSON.stringify({ samples }));
