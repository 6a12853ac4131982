import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { dataFolder, program } from '../runtime/programs';

/** An alert in a message to a webhook. */
export interface NotifiedAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
}

/** A webhook of Alertmanager in the process of the test, which keeps one text for each alert. */
export class AlertReceiver {
  readonly received: string[] = [];
  private readonly server: Server;

  constructor(port: number | undefined, textOf: (alert: NotifiedAlert) => readonly unknown[]) {
    this.server = createServer(async (request, answer) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part);
      answer.end();
      const { alerts } = JSON.parse(Buffer.concat(parts).toString()) as { alerts: NotifiedAlert[] };
      this.received.push(...alerts.map((alert) => textOf(alert).join(' ')));
    }).listen(port, '127.0.0.1');
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/**
 * Returns the command of an Alertmanager that sends each alert to a webhook within a second.
 * @param folder where its configuration and data are written
 * @param listen its address and port
 */
export function alertmanagerCommand(folder: string, listen: string, webhook: string): string[] {
  const receivers = [{ name: 'ops', webhook_configs: [{ url: webhook }] }];
  const route = { receiver: 'ops', group_by: ['...'], group_wait: '1s', group_interval: '1s' };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'alertmanager.yaml'), stringify({ receivers, route }));
  // Debian's reads its templates from there.
  const templates = '/usr/share/prometheus';
  return [
    ...['bwrap', '--die-with-parent', '--dev-bind', '/', '/', '--tmpfs', '/usr/share'],
    ...['--ro-bind', dataFolder(templates), templates, program('prometheus-alertmanager')],
    `--config.file=${folder}/alertmanager.yaml`,
    `--storage.path=${folder}/data`,
    `--web.listen-address=${listen}`,
    '--cluster.listen-address=',
  ];
}
