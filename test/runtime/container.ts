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
import { type Sandbox, sandboxArguments, unprivilegedCommand } from './sandbox';
import { eventually } from './wait';

/** Properties for `Container`. */
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

/** Pause in milliseconds before an exited container is restarted. A kubelet waits longer, with exponential backoff. */
const RESTART_DELAY_MS = 500;

/** Shell script that puts itself under the memory limit, and then executes its arguments. */
const UNDER_LIMIT = 'echo $$ > "$0" && exec "$@"';

/** A container of a pod. Like a kubelet, it restarts its program when the program ends. */
export class Container {
  readonly name: string;
  /** Lines that the container has printed since its first start. */
  readonly logs: string[] = [];
  /** Number of restarts after the program ended. */
  restarts = 0;
  /** Exit code of the last run: null after a signal, `undefined` before the first exit. */
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

  /** Starts the container. Does not wait until the container is ready. */
  async start(): Promise<void> {
    this.wanted = true;
    if (!this.run) this.starting ??= this.launch().finally(() => this.settle());
    await this.starting;
  }

  /** Runs an init container to its end. @throws Error with the output if the exit code is not 0 */
  async runToEnd(): Promise<void> {
    await this.launch();
    await this.run?.ended;
    if (this.exitCode === 0) return;
    throw new Error(
      `init container ${this.name} ended with exit code ${this.exitCode}: ${this.logs.join('\n')}`,
    );
  }

  /**
   * Stops the container: sends SIGTERM, and SIGKILL after the grace period. Resolves to how the container ended.
   * @param gracePeriod seconds
   */
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

  /** Stops the container, and starts it again. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Sends a signal to the main process: `SIGKILL` simulates a crash, `SIGSTOP` a hang, `SIGCONT` ends the hang. */
  signal(signal: NodeJS.Signals): void {
    if (this.run) signalProcess(this.run.pid, signal);
  }

  /** Runs a command in the container, with the user and the privileges of the container. */
  exec(...command: string[]): Promise<Outcome> {
    if (!this.run) throw new Error(`container ${this.name} is not running, so it cannot run a command`);
    const { sandbox, env } = this.props;
    const namespaces = ['--mount', '--pid', '--net', '--uts', '--ipc', '--root', '--wd'];
    const entry = ['--target', `${this.run.pid}`, ...namespaces, '--'];
    return tryRun('nsenter', [...entry, ...unprivilegedCommand(sandbox, command)], { env });
  }

  private async launch(): Promise<void> {
    const output = createOutputPipe();
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
    const inside = [...bubblewrap, ...unprivilegedCommand(sandbox, command)];
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
  /** Process ID of the main process, as seen from outside of the sandbox. */
  readonly pid: number;
  readonly ended: Promise<void>;
}

/**
 * Creates a pipe for the output of a container, as container runtimes do. Any user can open /dev/stdout again with this
 * pipe, which is not possible with Node's sockets.
 */
function createOutputPipe(): { readonly reader: Socket; readonly writer: number } {
  const folder = mkdtempSync(join(tmpdir(), 'output-'));
  const path = join(folder, 'pipe');
  run('mkfifo', '-m', '666', path);
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  rmSync(folder, { recursive: true });
  return { reader: new Socket({ fd, readable: true, writable: false }), writer };
}

/**
 * Returns whether a process is still bubblewrap. Bubblewrap creates the sandbox, and then executes the program of the
 * container in the same process.
 */
function isBubblewrap(pid: number): boolean {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)) === 'bwrap';
  } catch {
    return false; // It ended already.
  }
}

/**
 * Returns the process ID of the program in the sandbox, as seen from outside. Signals must be sent to this process.
 * @param info output of bubblewrap
 */
async function sandboxedPid(info: Readable, name: string, logs: readonly string[]): Promise<number> {
  let text = '';
  for await (const chunk of info) text += chunk;
  const [, pid] = /"child-pid": (\d+)/.exec(text) ?? [];
  if (!pid) throw new Error(`container ${name} did not start: ${logs.join('\n')}`);
  return Number(pid);
}
