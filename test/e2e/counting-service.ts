import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Node } from '../runtime/node';
import { endProgram, spawnKilledWithParent } from '../runtime/programs';
import { eventually } from '../runtime/wait';

const PORT = 9300;

/** Increments a number at each scrape, and prints it. */
const PROGRAM = `
let count = 0;
require('node:http').createServer((request, response) => {
  response.on('finish', () => console.log(count));
  response.end('counted_readings ' + ++count + '\\n');
}).listen(${PORT}, '127.0.0.1', () => console.log('listening'));
`;

/**
 * A business service of an edge node that knows how often it was read: what a store must hold, number by number,
 * when nothing was lost and nothing came twice. The agent finds it by a file, as a service's own deployment
 * would write one.
 */
export class CountingService {
  /** All numbers that it exported. */
  readonly said: number[] = [];
  private readonly process: ChildProcess;

  private constructor(node: Node) {
    const command = ['nsenter', ...node.namespace.entry, process.execPath, '-e', PROGRAM];
    this.process = spawnKilledWithParent(command, { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  /** Starts one on a node, whose folder of targets is the default one. */
  static async start(node: Node): Promise<CountingService> {
    const folder = node.path('/etc/edge-observability/targets');
    mkdirSync(folder, { recursive: true });
    const targets = [{ targets: [`127.0.0.1:${PORT}`], labels: { job: 'counting' } }];
    writeFileSync(join(folder, 'counting.json'), JSON.stringify(targets));
    const service = new CountingService(node);
    let listens = false;
    createInterface({ input: service.process.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      if (line === 'listening') listens = true;
      else service.said.push(Number(line));
    });
    await eventually('the counting service listens', () => listens);
    return service;
  }

  async stop(): Promise<void> {
    await endProgram(this.process, 'SIGKILL');
  }
}
