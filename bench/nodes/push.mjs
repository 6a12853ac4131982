// Simulates nodes that push as the sidecar pushes: each node at its own offset within the interval, compressed, over a
// new TLS connection. Reads its options as JSON from standard input, prints the results as JSON, and exits.
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

const { urls, user, authorityFile, address, bodyFile, intervalMs, warmUp, rounds } = JSON.parse(
  readFileSync(0, 'utf8'),
);
const body = readFileSync(bodyFile);
const ca = readFileSync(authorityFile);
const headers = {
  Authorization: `Basic ${Buffer.from(user).toString('base64')}`,
  'Content-Encoding': 'gzip',
  'Content-Length': body.length,
};
const lookup = (_host, _options, callback) => callback(null, [{ address, family: 4 }]);

/**
 * Pushes once. Resolves to the duration in milliseconds, including the TLS handshake, or to `undefined` if the push was
 * not accepted.
 */
function measurePush(url) {
  const start = performance.now();
  return new Promise((resolve) => {
    const options = { method: 'PUT', agent: false, ca, headers, lookup, timeout: 30_000 };
    const pushing = request(url, options, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode < 300 ? performance.now() - start : undefined));
    });
    pushing.on('timeout', () => pushing.destroy());
    pushing.on('error', () => resolve(undefined));
    pushing.end(body);
  });
}

async function simulateNode(url, index) {
  const times = [];
  for (let round = 0; round < warmUp + rounds; round++) {
    const due = began + round * intervalMs + (index * intervalMs) / urls.length;
    await sleep(Math.max(0, due - performance.now()));
    // A push may last longer than the interval. The next push is late then, as with the sidecar.
    const time = await measurePush(url);
    if (round >= warmUp) times.push(time);
  }
  return times;
}

const began = performance.now();
const all = (await Promise.all(urls.map(simulateNode))).flat();
console.log(
  JSON.stringify({
    times: all.filter((time) => time !== undefined),
    failed: all.filter((time) => time === undefined).length,
  }),
);
