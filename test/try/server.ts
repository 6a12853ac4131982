import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Pod } from '../runtime/pod';
import { program, spawnMortal } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import type { ReferenceStack } from '../stacks/reference-stack';
import page from './page.html';

/** How it is seen. */
export interface ServerOptions {
  readonly title: string;
  /** Of this machine, for this machine alone. */
  readonly port: number;
}

/** Shows graphs of a Prometheus that runs in a network of its own, and lets everything else through to it. */
export async function serve(prometheus: Pod, stack: ReferenceStack, options: ServerOptions): Promise<void> {
  const socket = join(stack.cluster.folder, 'prometheus.sock');
  const forward = [join('test/try/forward.mjs'), socket, prometheus.address, '9090'];
  const entry = ['nsenter', ...prometheus.network.entry, program('node'), ...forward];
  const forwarder = spawnMortal(entry, { stdio: 'ignore' });
  stack.cluster.cleanup.add(() => forwarder.kill());
  await eventually('Prometheus can be reached', () => existsSync(socket));
  const html = page.replaceAll('{{title}}', options.title);
  const server = createServer((asked, answer) => {
    if (asked.url === '/') answer.setHeader('Content-Type', 'text/html; charset=utf-8').end(html);
    else pass(asked, answer, socket);
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
}

function pass(asked: IncomingMessage, answer: ServerResponse, socketPath: string): void {
  const { method, url: path, headers } = asked;
  const passed = request({ socketPath, method, path, headers }, (given) => {
    answer.writeHead(given.statusCode ?? 502, given.headers);
    given.pipe(answer);
  });
  passed.on('error', () => answer.writeHead(502).end('Prometheus does not answer\n'));
  asked.pipe(passed);
}
