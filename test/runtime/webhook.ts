import type { ChildProcess } from 'node:child_process';
import type { Cluster } from './cluster';
import type { Node } from './node';
import { spawnMortal } from './programs';

/** One message of Alertmanager. */
export interface Message {
  readonly path: string;
  readonly status: 'firing' | 'resolved';
  readonly alerts: readonly {
    readonly status: 'firing' | 'resolved';
    readonly startsAt: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

const PORT = 9999;

/** Prints each request on one line. */
const PROGRAM = `require('node:http').createServer((request, response) => {
  let body = '';
  request.on('data', (part) => { body += part; });
  request.on('end', () => {
    console.log(JSON.stringify({ path: request.url, ...JSON.parse(body) }));
    response.end();
  });
}).listen(${PORT}, () => console.log('{}'));`;

/** A receiver of alerts, outside of the cluster. */
export class Webhook {
  readonly messages: Message[] = [];
  private readonly process: ChildProcess;
  private readonly node: Node;

  constructor(cluster: Cluster) {
    this.node = cluster.addNode({ name: 'outside' });
    const command = ['nsenter', ...this.node.namespace.entry, process.execPath, '-e', PROGRAM];
    this.process = spawnMortal(command, { stdio: ['ignore', 'pipe', 'inherit'] });
    cluster.cleanup.add(() => {
      this.process.kill();
    });
    let rest = '';
    this.process.stdout?.on('data', (data: Buffer) => {
      const lines = `${rest}${data}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '{}') this.messages.push(JSON.parse(line));
    });
  }

  url(path: string): string {
    return `http://${this.node.address}:${PORT}${path}`;
  }

  /** Returns every alert notification that began after a time, newest last, as `status name node`. */
  told(path: string, after = 0): string[] {
    return this.messages
      .filter((message) => message.path === path)
      .flatMap(({ alerts }) => alerts.filter(({ startsAt }) => Date.parse(startsAt) > after))
      .map(({ status, labels: { alertname, node } }) => [status, alertname, node].filter(Boolean).join(' '));
  }
}
