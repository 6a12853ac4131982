// Pushes on one connection before and after its certificate ends, and then on connections that resume its TLS session. Prints the
// status of each answer, whether each session was resumed, and the last body.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';

const [, , url, address, ca, cert, key, ends] = process.argv;
const { hostname, pathname } = new URL(url);
const identity = {
  servername: hostname,
  ca: readFileSync(ca),
  cert: readFileSync(cert),
  key: readFileSync(key),
};

/** A connection, with the TLS session that another one kept. */
async function connected(session) {
  const socket = connect({ host: address, port: 443, ALPNProtocols: ['http/1.1'], session, ...identity });
  const sessions = [];
  socket.on('session', (one) => sessions.push(one));
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return { socket, sessions, resumed: socket.isSessionReused() };
}

function push({ socket }) {
  socket.write(`PUT ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 9\r\n\r\npushed 1\n`);
  return new Promise((resolve, reject) => {
    socket.once('error', reject).once('data', (data) => {
      const [head, body = ''] = data.toString().split('\r\n\r\n');
      resolve({ status: Number(head.split(' ')[1]), body });
    });
  });
}

const first = await connected();
const before = await push(first);
while (Date.now() < Number(ends) + 1_500) await sleep(250);
const after = await push(first);
const again = [];
for (let count = 0; count < 4; count += 1) {
  const next = await connected(first.sessions.at(-1)).catch(() => undefined);
  if (!next) continue;
  again.push({ ...(await push(next)), resumed: next.resumed });
  next.socket.destroy();
}
first.socket.destroy();
console.log(JSON.stringify({ before, after, again }));
