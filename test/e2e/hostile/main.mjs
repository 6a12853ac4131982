// Sends hostile writes and pushes through the ingress, and prints the responses.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { sample, series } from '../../support/remote-write.mjs';
import { ATTACKS } from './attacks.mjs';
import { Generator } from './generator.mjs';
import { sendRaw } from './raw-requests.mjs';

/**
 * @typedef {{ url: string, address: string, authorityFile: string, auth: string }} Target
 * @type {{ target: Target, kind: keyof typeof REQUESTS | 'each', count?: number, seed: number, series?: number }}
 */
const { target, kind, count = 0, seed, series: ofEach = 0 } = JSON.parse(process.argv[2] ?? '');

const REQUESTS = {
  flood,
  generated: (index) => new Generator(seed, index).request(),
  invented: (index) => push(`invented-${seed}-${index}`, 'invented 1\n'),
  changing: (index) => push(`changing-${index % 4}`, changing(index)),
};

const agent = new Agent({ keepAlive: true, maxSockets: 4, ca: readFileSync(target.authorityFile) });

/** @returns {Promise<number>} the status; 0 where there was none */
function send({ method = 'POST', path = '/api/v1/write', body, headers, query = '' }) {
  const url = new URL(`${target.url}${path}${query}`);
  const options = {
    agent,
    host: target.address,
    servername: url.hostname,
    path: `${url.pathname}${url.search}`,
    method,
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

/** Number of new series of one node. */
function flood(round) {
  const time = sample(Date.now(), 1);
  const all = Array.from({ length: ofEach }, (_, number) =>
    series({ __name__: 'flood', node: 'hostile', id: `${seed}-${round}-${number}` }, [time]),
  );
  const headers = { 'Content-Encoding': 'zstd', 'Content-Type': 'application/x-protobuf' };
  return { body: zstdCompressSync(Buffer.concat(all)), headers, query: '' };
}

/** A push of an exporter of a node. */
function push(node, text) {
  const path = `/metrics/job/hostile/instance/${node}/hostname/${node}`;
  return { method: 'PUT', path, body: gzipSync(text), headers: { 'Content-Encoding': 'gzip' } };
}

const changing = (round) =>
  Array.from({ length: ofEach }, (_, number) => `changing{id="${seed}-${round}-${number}"} 1\n`).join('');

async function sendMany() {
  const answers = {};
  for (let index = 0; index < count; ) {
    const indices = Array.from({ length: Math.min(4, count - index) }, () => index++);
    const statuses = await Promise.all(indices.map((one) => send(REQUESTS[kind](one))));
    for (const status of statuses) answers[status] = (answers[status] ?? 0) + 1;
  }
  return answers;
}

async function sendEach() {
  const answers = {};
  for (const [name, request] of Object.entries(ATTACKS)) answers[name] = await send(request);
  return { ...answers, ...(await sendRaw({ ...target, ca: readFileSync(target.authorityFile) })) };
}

console.log(JSON.stringify(await (kind === 'each' ? sendEach() : sendMany())));
agent.destroy();
