// Pushes as many nodes, each on a connection of its own. Of each line on standard input it does what the line says, for one node after the other, and
// prints how many pushes were taken: `connect` begins a connection and pushes, `push` pushes on the connection that there is.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { connect } from 'node:tls';

const ANSWER_MS = 10_000;

/** @type {{ host: string, address: string, port: number, ca: string, authorization?: string, body: string, nodes: Node[] }} */
const { host, address, port, ca, authorization, body, nodes } = JSON.parse(
  readFileSync(process.argv[2], 'utf8'),
);
const authority = readFileSync(ca);

/** @typedef {{ name: string, certificateFile?: string, keyFile?: string, socket?: import('node:tls').TLSSocket }} Node */

/** @param {Node} node */
async function connectTls({ certificateFile, keyFile }) {
  const identity = certificateFile && {
    cert: readFileSync(certificateFile),
    key: readFileSync(keyFile ?? ''),
  };
  const socket = connect({ host: address, port, servername: host, ca: authority, ...identity });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return socket;
}

/** @param {Node} node @returns {Promise<string>} the status */
function push({ name, socket }) {
  const path = `/metrics/job/bench/instance/${name}/hostname/${name}`;
  const headers = [
    `PUT ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...(authorization ? [`Authorization: ${authorization}`] : []),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(`${headers.join('\r\n')}\r\n\r\n${body}`);
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish('no answer'), ANSWER_MS);
    const finish = (/** @type {string} */ status) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      resolve(status);
    };
    socket.on('data', (data) => finish(`${data}`.split(' ')[1] ?? ''));
    socket.on('error', ({ message }) => finish(message)).on('close', () => finish('closed'));
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  let taken = 0;
  let other = '';
  for (const node of nodes) {
    if (line === 'connect') {
      node.socket?.destroy();
      node.socket = await connectTls(node);
    }
    const status = await push(node);
    if (status.startsWith('2')) taken += 1;
    else other = status;
  }
  console.log(JSON.stringify({ taken, other }));
}
process.exit();
