// Requests as no client library sends them, byte by byte.
import { connect } from 'node:tls';

const BODY = 'raw 1\n';
const KEY = '/metrics/job/hostile/instance/x/hostname/x';
const LINE = `PUT ${KEY} HTTP/1.1`;
const MANY = 20_000;

/** Head without the host and the password, and the body. @type {Record<string, [head: string[], body: string]>} */
const RAW = {
  'HTTP/1.0': [[`PUT ${KEY} HTTP/1.0`, `Content-Length: ${BODY.length}`], BODY],
  'HTTP/1.0 in chunks': [[`PUT ${KEY} HTTP/1.0`, 'Transfer-Encoding: chunked'], `6\r\n${BODY}\r\n0\r\n\r\n`],
  'two lengths': [[LINE, `Content-Length: ${BODY.length}`, 'Content-Length: 60'], BODY],
  'the same length twice': [[LINE, `Content-Length: ${BODY.length}`, `Content-Length: ${BODY.length}`], BODY],
  'a length and chunks': [
    [LINE, 'Content-Length: 60', 'Transfer-Encoding: chunked'],
    `6\r\n${BODY}\r\n0\r\n\r\n`,
  ],
  'a packing of the transfer': [[LINE, 'Transfer-Encoding: gzip, chunked'], `6\r\n${BODY}\r\n0\r\n\r\n`],
  'a length below zero': [[LINE, 'Content-Length: -1'], BODY],
  'a chunk without a size': [[LINE, 'Transfer-Encoding: chunked'], `x\r\n${BODY}\r\n0\r\n\r\n`],
  'chunks of one byte': [
    [LINE, 'Transfer-Encoding: chunked'],
    `${Array.from({ length: MANY }, () => '1\r\n#\r\n').join('')}7\r\n\n${BODY}\r\n0\r\n\r\n`,
  ],
  'a request within a body': [
    [LINE, `Content-Length: ${BODY.length}`],
    `${BODY}DELETE /metrics/job/honest/instance/honest/hostname/honest HTTP/1.1\r\nHost: x\r\n\r\n`,
  ],
  'a header of 100 kB': [[LINE, `X-Long: ${'x'.repeat(100_000)}`, 'Content-Length: 0'], ''],
};

/** @returns {Promise<number>} the status of the first answer; 0 where the connection ended without one */
function send({ url, address, auth, ca }, [head, body]) {
  const { hostname } = new URL(url);
  const password = `Authorization: Basic ${Buffer.from(auth).toString('base64')}`;
  const [line, ...others] = head;
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 443, servername: hostname, ca });
    let text = '';
    const done = () => {
      socket.destroy();
      resolve(Number(/^HTTP\/1\.\d (\d+)/.exec(text)?.[1] ?? 0));
    };
    socket.setTimeout(20_000, done);
    socket.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\r\n\r\n')) done();
    });
    for (const event of ['end', 'error', 'close']) socket.on(event, done);
    socket.write(`${[line, `Host: ${hostname}`, password, ...others].join('\r\n')}\r\n\r\n${body}`);
  });
}

/** @returns {Promise<Record<string, number>>} statuses by name */
export async function sendRaw(target) {
  const statuses = {};
  for (const [name, request] of Object.entries(RAW)) statuses[name] = await send(target, request);
  return statuses;
}
