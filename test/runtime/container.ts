import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readlinkSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { MemoryLimit } from './memory-limit';
import type { NetNamespace } from './net-namespace';
import { type Outcome, program, run, signalProcess, tryRun } from './programs';
import { type Sandbox, sandboxArguments, unprivileged } from './sandbox';
import { eventually } from './wait';

/** Environment of a container. */
export interface ContainerProps {
  readonly name: string;
  readonly sandbox: Sandbox;
  readonly network: NetNamespace;
  readonly memory: MemoryLimit;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly gracePeriod: number;
}

/** Pause before the restart of a container that exited. A kubelet waits longer, and longer each time. */
const RESTART_DELAY_MS = 500;

/** Puts itself under the memory limit and becomes what follows. */
const UNDER_LIMIT = 'echo $$ > "$0" && exec "$@"';

/** One running container of a pod; restarted when it ends by itself, as a kubelet does. */
export class Container {
  readonly name: string;
  /** Lines that it printed since its first start. */
  readonly logs: string[] = [];
  /** How often it ended by itself. */
  restarts = 0;
  /** How it ended last. */
  private exitCode?: number | null;
  private wanted = false;
  private starting?: Promise<void>;
  private run?: Run;

  constructor(private readonly props: ContainerProps) {
    this.name = props.name;
  }

  get running(): boolean {
    return this.run !== undefined;
  }

  get memory(): MemoryLimit {
    return this.props.memory;
  }

  /** Starts it without waiting until it is ready. */
  async start(): Promise<void> {
    this.wanted = true;
    if (!this.run) this.starting ??= this.launch().finally(() => this.settle());
    await this.starting;
  }

  /**
   * Runs it to its end, as an init container.
   *
   * @throws Error with what it said when it fails.
   */
  async complete(): Promise<void> {
    await this.launch();
    await this.run?.ended;
    if (this.exitCode === 0) return;
    throw new Error(`init container ${this.name} ended with ${this.exitCode}: ${this.logs.join('\n')}`);
  }

  /** Asks it to end, and kills it after the grace period, in seconds. Resolves to how it ended. */
  async stop(gracePeriod = this.props.gracePeriod): Promise<'ended' | 'killed'> {
    this.wanted = false;
    await this.starting;
    let ending: 'ended' | 'killed' = 'ended';
    const kill = () => {
      ending = 'killed';
      this.signal('SIGKILL');
    };
    const patience = setTimeout(kill, gracePeriod * 1000);
    this.signal('SIGTERM');
    await this.run?.ended;
    clearTimeout(patience);
    return ending;
  }

  /** Stops it and starts it again. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Sends its main process a signal: `SIGKILL` for a crash, `SIGSTOP` for a hang, `SIGCONT` after it. */
  signal(signal: NodeJS.Signals): void {
    if (this.run) signalProcess(this.run.pid, signal);
  }

  /** Runs a command inside, as the container's user and with no more than the container may do. */
  exec(...command: string[]): Promise<Outcome> {
    if (!this.run) throw new Error(`container ${this.name} does not run`);
    const { sandbox, env } = this.props;
    const namespaces = ['--mount', '--pid', '--net', '--uts', '--ipc', '--root', '--wd'];
    const entry = ['--target', `${this.run.pid}`, ...namespaces, '--'];
    return tryRun('nsenter', [...entry, ...unprivileged(sandbox, command)], { env });
  }

  private async launch(): Promise<void> {
    const output = outputPipe();
    const child = this.spawn(output.writer);
    closeSync(output.writer);
    createInterface({ input: output.reader }).on('line', (line) => this.logs.push(line));
    const exit = once(child, 'exit').then(([code]) => {
      this.exitCode = code;
    });
    const pid = await sandboxedPid(child.stdio[3] as Readable, this.name, this.logs);
    this.run = { pid, ended: exit.then(() => this.afterExit()) };
    await eventually(`container ${this.name} has its sandbox`, () => !isBubblewrap(pid), { pauseMs: 2 });
  }

  private settle(): void {
    this.starting = undefined;
  }

  private spawn(output: number): ChildProcess {
    const { sandbox, network, memory, command, env } = this.props;
    const bubblewrap = [program('bwrap'), '--info-fd', '3', ...sandboxArguments(sandbox), '--'];
    const inside = [...bubblewrap, ...unprivileged(sandbox, command)];
    const outside = [UNDER_LIMIT, memory.processes, program('nsenter'), ...network.entry];
    const stdio: StdioOptions = ['ignore', output, output, 'pipe'];
    return spawn('/bin/sh', ['-c', ...outside, ...inside], { env: { ...env }, stdio });
  }

  private afterExit(): void {
    this.run = undefined;
    this.memory.killAll();
    if (!this.wanted) return;
    this.restarts++;
    setTimeout(() => this.startAgain(), RESTART_DELAY_MS).unref();
  }

  private async startAgain(): Promise<void> {
    if (!this.wanted) return;
    await this.start().catch((failure) => this.logs.push(`${failure}`));
  }
}

interface Run {
  /** The main process inside the sandbox, by its number on this machine. */
  readonly pid: number;
  readonly ended: Promise<void>;
}

/** A pipe as container runtimes give it: unlike Node's sockets, /dev/stdout can be opened again by any user. */
function outputPipe(): { readonly reader: Socket; readonly writer: number } {
  const folder = mkdtempSync(join(tmpdir(), 'output-'));
  const path = join(folder, 'pipe');
  run('mkfifo', '-m', '666', path);
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  rmSync(folder, { recursive: true });
  return { reader: new Socket({ fd, readable: true, writable: false }), writer };
}

/** Bubblewrap makes the sandbox, and then becomes what runs in it. */
function isBubblewrap(pid: number): boolean {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)) === 'bwrap';
  } catch {
    return false; // It ended already.
  }
}

/** The process id, on this machine, of what bubblewrap started: the one to send signals to. */
async function sandboxedPid(info: Readable, name: string, logs: readonly string[]): Promise<number> {
  let text = '';
  for await (const chunk of info) text += chunk;
  const [, pid] = /"child-pid": (\d+)/.exec(text) ?? [];
  if (!pid) throw new Error(`container ${name} did not start: ${logs.join('\n')}`);
  return Number(pid);
}
