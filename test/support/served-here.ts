import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Listener, startServers } from '../../lib/programs/server.mjs';

/** Ports of a shipped program that the process of the test serves. */
export interface ServedHere {
  readonly ports: readonly number[];
  stop(): Promise<void>;
}

/** Serves the handlers of a shipped program in this process, each on a free port of the loopback interface. */
export async function serveHere(...handlers: Listener['handler'][]): Promise<ServedHere> {
  const servers = startServers(handlers.map((handler) => ({ handler, port: 0, host: '127.0.0.1' })));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  return {
    ports: servers.map((server) => (server.address() as AddressInfo).port),
    stop: async () => {
      const closed = servers.map((server) => once(server, 'close'));
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
      await Promise.all(closed);
    },
  };
}
