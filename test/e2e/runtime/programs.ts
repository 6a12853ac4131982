import { type ChildProcess, execFile, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where install.sh unpacks the programs that are newer than the system's own. */
const PROGRAMS_DIR = process.env.E2E_PROGRAMS ?? '/opt/edge-observability-e2e';

const FOLDERS = [
  ...[`${PROGRAMS_DIR}/usr/bin`, '/usr/bin', '/usr/sbin', '/sbin'],
  ...(process.env.PATH ?? '').split(':'),
];

const REQUIRED = [
  'amtool bwrap busybox curl dash ethtool go htpasswd ip iptables javac kubectl lua5.1 mount nginx node nsenter',
  'openssl prometheus prometheus-alertmanager prometheus-node-exporter prometheus-pushgateway promtool python3',
  'setpriv umount unshare vmagent',
].flatMap((names) => names.split(' '));

/** How a program ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Programs that no package of Debian holds, by the variable that names their path. */
export const OPTIONAL = ['E2E_ALLOY', 'E2E_FLUENT_BIT', 'E2E_LOKI', 'E2E_PROMTAIL'] as const;

/**
 * Absolute path of a program, or of one that a variable names.
 *
 * @throws Error that says what to install when it is missing.
 */
export function program(name: string): string {
  const path = OPTIONAL.some((variable) => variable === name) ? process.env[name] : find(name);
  if (!path) throw new Error(`${name} is missing: run test/e2e/install.sh, or set it to the program's path`);
  return path;
}

/** Where a folder of the system lies that belongs to one of the programs. */
export function dataFolder(path: string): string {
  return [`${PROGRAMS_DIR}${path}`, path].find((one) => existsSync(one)) ?? path;
}

/**
 * Whether this machine can run the tests at all.
 *
 * @throws Error that names all that is missing, and the command that helps.
 */
export function requirePrograms(): void {
  if (process.getuid?.() !== 0) {
    throw new Error('test:e2e makes network namespaces and sandboxes: run it as root');
  }
  const missing = REQUIRED.filter((name) => !find(name));
  if (missing.length) {
    throw new Error(
      `test:e2e needs programs that are missing (${missing.join(', ')}): run test/e2e/install.sh`,
    );
  }
}

/**
 * Runs a program to its end and returns what it printed.
 *
 * @throws Error with what it said when it fails.
 */
export function run(name: string, ...args: string[]): string {
  return execFileSync(program(name), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What a program gets beside its arguments. */
export interface RunOptions {
  /** @default - nothing */
  readonly input?: string | Buffer;
  /** @default - the environment of the tests */
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end, whatever that is. */
export function tryRun(
  name: string,
  args: readonly string[],
  { input, env }: RunOptions = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { maxBuffer: 2 ** 28, env };
    const child = execFile(program(name), args, options, (error, stdout, stderr) => {
      resolve({ code: error ? exitCode(error.code) : 0, stdout, stderr });
    });
    child.stdin?.on('error', () => {}); // It may end without reading.
    child.stdin?.end(input);
  });
}

/** Starts a program that ends with this process, also when that is killed. */
export function spawnMortal([name = '', ...args]: readonly string[], options: SpawnOptions): ChildProcess {
  return spawn(program('setpriv'), ['--pdeathsig', 'KILL', program(name), ...args], options);
}

/** Sends a signal to a process, which may have ended meanwhile. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== 'ESRCH') throw failure;
  }
}

function exitCode(code: unknown): number {
  return typeof code === 'number' ? code : 128;
}

function find(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
