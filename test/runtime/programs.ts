import { type ChildProcess, execFile, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Folder with programs that install.sh unpacked, because Debian's versions are too old. */
export const PROGRAMS_DIR = process.env.E2E_PROGRAMS ?? '/opt/edge-observability-e2e';

const FOLDERS = [
  ...[`${PROGRAMS_DIR}/usr/bin`, `${PROGRAMS_DIR}/usr/sbin`, '/usr/bin', '/usr/sbin', '/sbin'],
  ...(process.env.PATH ?? '').split(':'),
];

/** Names of programs, by the Debian package that contains them. */
export type Packages = Readonly<Record<string, readonly string[]>>;

/** Programs that send, receive and store the metrics of an environment, and the programs that their sandboxes need. */
export const METRICS_PATH: Packages = {
  bubblewrap: ['bwrap'],
  busybox: ['busybox'],
  curl: ['curl'],
  ethtool: ['ethtool'],
  iproute2: ['ip', 'tc'],
  iptables: ['iptables'],
  mount: ['mount', 'umount'],
  nginx: ['nginx'],
  'nginx, libnginx-mod-http-js of Debian unstable': ['nginx-js'],
  nodejs: ['node'],
  openssl: ['openssl'],
  prometheus: ['prometheus'],
  'prometheus-node-exporter': ['prometheus-node-exporter'],
  'prometheus-pushgateway': ['prometheus-pushgateway'],
  'util-linux': ['nsenter', 'setpriv', 'unshare'],
  'victoria-metrics': ['vmagent'],
};

/** Programs that the end-to-end tests need. */
const TESTS: Packages = {
  ...METRICS_PATH,
  'apache2-utils': ['htpasswd'],
  chromium: ['chromium'],
  containerd: ['containerd'],
  dash: ['dash'],
  'docker-cli': ['docker'],
  'docker-registry': ['docker-registry'],
  'docker.io': ['dockerd'],
  'golang-go': ['go'],
  'kubernetes-client': ['kubectl'],
  'lua5.1': ['lua5.1'],
  'openjdk-17-jdk-headless': ['javac'],
  'prometheus-alertmanager': ['amtool', 'prometheus-alertmanager'],
  'prometheus-blackbox-exporter': ['prometheus-blackbox-exporter'],
  promtool: ['promtool'],
  python3: ['python3'],
  runc: ['runc'],
  skopeo: ['skopeo'],
  'tinyproxy-bin': ['tinyproxy'],
  'victoria-metrics': ['vmagent', 'vmalert', 'vmauth', 'victoria-metrics'],
};

/** Exit code and output of a program. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Returns the absolute path of a program. For a program without a Debian package, the name is the environment variable
 * with its path, such as `E2E_LOKI`.
 * @throws Error if the program is missing
 */
export function program(name: string): string {
  const path = name.startsWith('E2E_') ? process.env[name] : findProgram(name);
  if (!path)
    throw new Error(
      `the program ${name} is missing: run test/e2e/install.sh; for a name that starts with E2E_, set this variable to the path of the program`,
    );
  return path;
}

/** Returns the path of a data folder that a program reads. The folder of install.sh precedes the system's folder. */
export function dataFolder(path: string): string {
  return [`${PROGRAMS_DIR}${path}`, path].find((one) => existsSync(one)) ?? path;
}

/**
 * Verifies that this machine can run the tests, or another npm script.
 * @param what name of the npm script
 * @throws Error with everything that is missing, and the command that installs it
 */
export function requirePrograms(what = 'test:e2e', packages = TESTS): void {
  if (process.platform !== 'linux')
    throw new Error(`${what} needs Linux, because it uses network namespaces and sandboxes`);
  if (process.getuid?.() !== 0) {
    throw new Error(
      `${what} must run as root, because it creates network namespaces and sandboxes: sudo npm run ${what}`,
    );
  }
  const missing = Object.entries(packages).flatMap(([name, programs]) => {
    const absent = programs.filter((one) => !findProgram(one));
    return absent.length ? [`${absent.join(', ')} (package ${name})`] : [];
  });
  if (missing.length) {
    throw new Error(
      `${what} needs programs that are missing: ${missing.join(', ')}; on Debian 12 or newer, this installs them: ` +
        'sudo sh test/e2e/install.sh',
    );
  }
}

/** Runs a program to its end, and returns its output. @throws Error with the error output if the exit code is not 0 */
export function run(name: string, ...args: string[]): string {
  return execFileSync(program(name), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Options for `tryRun`. */
export interface RunOptions {
  /** Standard input. @default - empty */
  readonly input?: string | Buffer;
  /** Environment variables. @default - those of the tests */
  readonly env?: NodeJS.ProcessEnv;
  /** Working directory. @default - the working directory of the tests */
  readonly cwd?: string;
}

/** Runs a program to its end, and resolves to its exit code and output. */
export function tryRun(
  name: string,
  args: readonly string[],
  { input, ...given }: RunOptions = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { maxBuffer: 2 ** 28, ...given };
    const child = execFile(program(name), args, options, (error, stdout, stderr) => {
      resolve({ code: error ? exitCode(error.code) : 0, stdout, stderr });
    });
    child.stdin?.on('error', () => {}); // It may end without reading.
    child.stdin?.end(input);
  });
}

/** Starts a program that is killed when this process ends, even if this process is killed. */
export function spawnKilledWithParent(
  [name = '', ...args]: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  return spawn(program('setpriv'), ['--pdeathsig', 'KILL', program(name), ...args], options);
}

/**
 * Sends a signal to a program, and waits until the program has ended, so that it no longer writes to its folders. Does
 * nothing if the program has already ended.
 */
export async function endProgram(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** Sends a signal to a process. Does nothing if the process has already ended. */
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

function findProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
