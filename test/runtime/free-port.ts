import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Range of the ports. It lies below the ports that kernels give to connections and to servers that ask for any port (Linux: from
 * 32768, IANA: from 49152), so nobody takes a port between this function's answer and the start of the program that uses the port.
 */
const FIRST_PORT = 20_000;
const PORTS = 10_000;

/** The next even port to try. Processes start at different places, so they seldom try the same ports. */
let offset = 2 * Math.floor((Math.random() * PORTS) / 2);

/**
 * Returns a free port of the loopback interface, which no other call of this function returns, in any process.
 *
 * Only even ports are returned. The process that gets one listens on the odd port after it until it ends, so a second process that
 * tries the same pair finds it reserved.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS / 2; tries++) {
    const port = FIRST_PORT + offset;
    offset = (offset + 2) % PORTS;
    const reservation = await listenOn(port + 1);
    if (!reservation) continue;
    const probe = await listenOn(port);
    if (probe) {
      probe.close();
      await once(probe, 'close');
      return port;
    }
    reservation.close();
  }
  throw new Error(`no port from ${FIRST_PORT} to ${FIRST_PORT + PORTS - 1} is free`);
}

/** Returns a server on the port that does not keep the process alive, or `undefined` if another program listens there. */
async function listenOn(port: number): Promise<Server | undefined> {
  const server = createServer().unref().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}
