import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Cluster } from '../../test/runtime/cluster';
import type { Node } from '../../test/runtime/node';
import type { ClientFiles } from '../../test/runtime/node-authority';
import { program, spawnKilledWithParent } from '../../test/runtime/programs';
import type { Credentials } from '../../test/runtime/secrets';

/** Name of a node that pushes, and the files of its certificate if it has one. */
export type PushingNode = { readonly name: string } & Partial<ClientFiles>;

/** Properties for `NodesClient`. */
export interface NodesClientProps {
  readonly cluster: Cluster;
  /** The node on which the client program runs, for all pushing nodes. */
  readonly from: Node;
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly nodes: readonly PushingNode[];
  /** Basic Auth user of all nodes. @default - nodes do not send a password */
  readonly credentials?: Credentials;
  readonly body: string;
}

/** A program that pushes for many nodes through TLS, one node after the other. Each node has its own connection. */
export class NodesClient {
  private readonly child: ChildProcess;
  private readonly ended: Promise<never>;
  private readonly answers: AsyncIterableIterator<string>;

  constructor(private readonly props: NodesClientProps) {
    const { cluster, from, credentials, ...client } = props;
    const login = credentials && `${credentials.username}:${credentials.password}`;
    const authorization = login && `Basic ${Buffer.from(login).toString('base64')}`;
    const file = join(cluster.folder, `${props.host}.json`);
    writeFileSync(file, JSON.stringify({ ...client, ca: cluster.authority.file, authorization }));
    const command = [program('node'), join(__dirname, 'nodes/push-once.mjs'), file];
    this.child = spawnKilledWithParent(['nsenter', ...from.namespace.entry, ...command], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    cluster.cleanup.add(() => this.child.kill());
    this.ended = once(this.child, 'exit').then(() => {
      throw new Error(`the program that pushes to ${props.host} has ended; its errors are above`);
    });
    // Prevents an unhandled rejection if the program ends while nothing waits for it.
    this.ended.catch(() => {});
    const lines: Interface = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    this.answers = lines[Symbol.asyncIterator]();
  }

  /**
   * Lets each node push once: `connect` on a new connection, `push` on its existing connection.
   * @throws Error if a push is not accepted.
   */
  async pushFromAllNodes(what: 'connect' | 'push'): Promise<void> {
    const { host, nodes } = this.props;
    this.child.stdin?.write(`${what}\n`);
    const { value } = await Promise.race([this.answers.next(), this.ended]);
    const { taken, other } = JSON.parse(value);
    if (taken === nodes.length) return;
    throw new Error(
      `${host}: ${taken} of ${nodes.length} pushes were accepted; the last other response: ${other}`,
    );
  }
}
