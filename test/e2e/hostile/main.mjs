// Writes what nobody should write, the way that the edge does, and says what was answered.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { zstdCompressSync } from 'node:zlib';
import { Generator } from './generator.mjs';
import { sample, series } from './protobuf.mjs';

/**
 * @typedef {{ url: string, address: string, authorityFile: string, auth: string }} Target
 * @type {{ target: Target, kind: 'flood' | 'generated', count: number, seed: number, series?: number }}
 */
const { target, kind, count, seed, series: ofEach = 0 } = JSON.parse(process.argv[2] ?? '');

const agent = new Agent({ keepAlive: true, maxSockets: 4, ca: readFileSync(target.authorityFile) });

/** @returns {Promise<number>} the status; 0 where there was none */
function write({ body, headers, query }) {
  const url = new URL(`${target.url}${query}`);
  const options = {
    agent,
    host: target.address,
    servername: url.hostname,
    path: `${url.pathname}${url.search}`,
    method: 'POST',
    auth: target.auth,
    headers: { ...headers, Host: url.hostname, 'Content-Length': body.length },
  };
  return new Promise((resolve) => {
    const sent = request(options, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', () => resolve(0));
    sent.end(body);
  });
}

/** So many series that nobody has ever seen, of one node. */
function flood(round) {
  const time = sample(Date.now(), 1);
  const all = Array.from({ length: ofEach }, (_, number) =>
    series({ __name__: 'flood', node: 'hostile', id: `${seed}-${round}-${number}` }, [time]),
  );
  const headers = { 'Content-Encoding': 'zstd', 'Content-Type': 'application/x-protobuf' };
  return { body: zstdCompressSync(Buffer.concat(all)), headers, query: '' };
}

const answers = {};
for (let index = 0; index < count; ) {
  const indices = Array.from({ length: Math.min(4, count - index) }, () => index++);
  const statuses = await Promise.all(
    indices.map((one) => write(kind === 'flood' ? flood(one) : new Generator(seed, one).request())),
  );
  for (const status of statuses) answers[status] = (answers[status] ?? 0) + 1;
}
console.log(JSON.stringify(answers));
agent.destroy();
