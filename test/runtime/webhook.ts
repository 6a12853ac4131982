import type { ChildProcess } from 'node:child_process';
import type { Cluster } from './cluster';
import type { Node } from './node';
import { spawnKilledWithParent } from './programs';

/** A message of Alertmanager. */
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

/** Program that prints each request as one line of JSON. */
const PROGRAM = `require('node:http').createServer((request, response) => {
  let body = '';
  request.on('data', (part) => { body += part; });
  request.on('end', () => {
    console.log(JSON.stringify({ path: request.url, ...JSON.parse(body) }));
    response.end();
  });
}).listen(${PORT}, () => console.log('{}'));`;

/** A receiver of alert notifications, outside of the cluster. */
export class Webhook {
  readonly messages: Message[] = [];
  private readonly process: ChildProcess;
  private readonly node: Node;

  constructor(cluster: Cluster) {
    this.node = cluster.addNode({ name: 'outside' });
    const command = ['nsenter', ...this.node.namespace.entry, process.execPath, '-e', PROGRAM];
    this.process = spawnKilledWithParent(command, { stdio: ['ignore', 'pipe', 'inherit'] });
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

  /**
   * Returns the notifications for alerts that started after a time, in order of arrival, as `status name node`.
   * @param path path of the URL to which Alertmanager sent them
   * @param after milliseconds since 1970
   */
  listNotifications(path: string, after = 0): string[] {
    return this.messages
      .filter((message) => message.path === path)
      .flatMap(({ alerts }) => alerts.filter(({ startsAt }) => Date.parse(startsAt) > after))
      .map(({ status, labels: { alertname, node } }) => [status, alertname, node].filter(Boolean).join(' '));
  }
}
