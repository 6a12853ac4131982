import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { spawnKilledWithParent } from '../runtime/programs';
import type { Message, Running } from './message';

/** Grace period between SIGTERM and SIGKILL. */
const GRACE_MS = 20_000;

/**
 * The process that runs everything, in its own session: Ctrl-C only reaches its parent, which can stop it at any time
 * and clean up.
 */
export class Worker {
  /** Resolves when there is something to look at. */
  readonly running: Promise<Running>;
  /** Rejects when it fails or ends by itself; never resolves. */
  readonly failed: Promise<never>;
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;
  private said = '';

  constructor(dist: string, port: number, nodes: number, onDoing: (doing: string) => void) {
    const program = ['node', 'scripts/run.cjs', join('test/try/stack.ts'), dist, `${port}`, `${nodes}`];
    this.child = spawnKilledWithParent(program, {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child.stderr?.on('data', (text) => {
      this.said += text;
    });
    this.exited = once(this.child, 'exit');
    this.failed = new Promise((_, reject) => {
      this.onMessage((message) => 'failed' in message && reject(new Error(message.failed)));
      this.child.once('exit', () => reject(new Error(`it ended by itself: ${this.said.trim()}`)));
    });
    // The parent may have stopped waiting for it.
    this.failed.catch(() => undefined);
    const ready = new Promise<Running>((resolve) => {
      this.onMessage((message) => {
        if ('running' in message) resolve(message.running);
        if ('doing' in message) onDoing(message.doing);
      });
    });
    this.running = Promise.race([ready, this.failed]);
  }

  /** Stops it and its child processes. */
  async stop(): Promise<void> {
    const patience = setTimeout(() => this.child.kill('SIGKILL'), GRACE_MS);
    this.child.kill('SIGTERM');
    await this.exited;
    clearTimeout(patience);
  }

  private onMessage(listener: (message: Message) => void): void {
    this.child.on('message', (message) => listener(message as Message));
  }
}
