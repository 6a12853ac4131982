// Forwards connections into a network namespace: from a socket file to an address in it. `node forward.mjs SOCKET HOST
// PORT`
import { connect, createServer } from 'node:net';

const [file, host, port] = process.argv.slice(2);

createServer((outside) => {
  const inside = connect(Number(port), host);
  for (const [one, other] of [
    [outside, inside],
    [inside, outside],
  ]) {
    one.pipe(other);
    one.on('error', () => other.destroy());
  }
}).listen(file);
