// Simulates nodes that push, each on its own TLS connection. For each line on standard input, all nodes push one after
// the other: after the line `connect` on new connections, after the line `push` on the existing connections. Then
// prints how many pushes were accepted, and the last response that was not a success.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { connect } from 'node:tls';

const ANSWER_MS = 10_000;

/**
 * Options from the JSON file that is the first argument.
 * @type {{ host: string, address: string, port: number, ca: string, authorization?: string, body: string, nodes: Node[]
 * }}
 */
const { host, address, port, ca, authorization, body, nodes } = JSON.parse(
  readFileSync(process.argv[2], 'utf8'),
);
const authority = readFileSync(ca);

/** @typedef {{ name: string, certificateFile?: string, keyFile?: string, socket?: import('node:tls').TLSSocket }} Node */

/** Opens a TLS connection to the host, with the certificate of the node if it has one. @param {Node} node */
async function openTlsConnection({ certificateFile, keyFile }) {
  const identity = certificateFile && {
    cert: readFileSync(certificateFile),
    key: readFileSync(keyFile ?? ''),
  };
  const socket = connect({ host: address, port, servername: host, ca: authority, ...identity });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return socket;
}

/**
 * Pushes the body as this node, on its existing connection.
 * @param {Node} node
 * @returns {Promise<string>} HTTP status code, or the error if there is no response
 */
function pushAsNode({ name, socket }) {
  const path = `/metrics/job/bench/instance/${name}/hostname/${name}`;
  const headers = [
    `PUT ${path} HTTP/1.1`,
    `Host: ${host}`,
    ...(authorization ? [`Authorization: ${authorization}`] : []),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(`${headers.join('\r\n')}\r\n\r\n${body}`);
  return new Promise((resolve) => {
    const timer = setTimeout(() => finishPush('no response within 10 s'), ANSWER_MS);
    const finishPush = (/** @type {string} */ status) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      resolve(status);
    };
    socket.on('data', (data) => finishPush(`${data}`.split(' ')[1] ?? ''));
    socket.on('error', ({ message }) => finishPush(message)).on('close', () => finishPush('closed'));
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  let taken = 0;
  let other = '';
  for (const node of nodes) {
    if (line === 'connect') {
      node.socket?.destroy();
      node.socket = await openTlsConnection(node);
    }
    const status = await pushAsNode(node);
    if (status.startsWith('2')) taken += 1;
    else other = status;
  }
  console.log(JSON.stringify({ taken, other }));
}
process.exit();
