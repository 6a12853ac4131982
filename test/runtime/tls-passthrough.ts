import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Cluster } from './cluster';
import type { Node } from './node';
import { endProgram, spawnKilledWithParent } from './programs';
import { eventually } from './wait';

/** Pods by public host. Connections are distributed among the pods, two consecutive connections to the same pod. */
export type Routes = Readonly<Record<string, readonly { readonly host: string; readonly port: number }[]>>;

/**
 * Program that forwards TLS connections by host name. The host name is in plain text in the first bytes of a
 * connection. Two consecutive connections go to the same pod, because this also happens by chance in a real cluster.
 */
const PROGRAM = `
const { connect, createServer } = require('node:net');
const routes = JSON.parse(process.argv[1]);
const begun = {};
createServer((client) => {
  client.on('error', () => {});
  client.once('data', (hello) => {
    const name = Object.keys(routes).find((one) => hello.includes(one));
    if (!name) return client.destroy();
    begun[name] = (begun[name] ?? -1) + 1;
    const server = connect(routes[name][Math.floor(begun[name] / 2) % routes[name].length]).on('error', () => client.destroy());
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    server.write(hello);
    client.pipe(server).pipe(client);
  });
}).listen(443, () => console.log('listening'));
`;

/** An ingress controller on its own node that forwards TLS connections by host name, without terminating TLS. */
export class TlsPassthrough {
  private readonly node: Node;
  private process?: ChildProcess;

  constructor(private readonly cluster: Cluster) {
    this.node = cluster.addNode({ name: 'passthrough' });
  }

  get address(): string {
    return this.node.address;
  }

  async start(routes: Routes): Promise<void> {
    const entry = ['nsenter', ...this.node.namespace.entry];
    const child = spawnKilledWithParent([...entry, process.execPath, '-e', PROGRAM, JSON.stringify(routes)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.process = child;
    this.cluster.cleanup.add(() => endProgram(child, 'SIGKILL'));
    let listens = false;
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', () => {
      listens = true;
    });
    await eventually('the controller for TLS passthrough listens', () => listens);
  }

  /** Ends all connections, as a controller does when it is replaced, and starts again with new routes. */
  async restart(routes: Routes): Promise<void> {
    this.process?.kill('SIGKILL');
    await this.start(routes);
  }
}
