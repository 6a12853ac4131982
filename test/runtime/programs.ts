import { type ChildProcess, execFile, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Folder in which install.sh unpacks programs that are newer than those of the system. */
export const PROGRAMS_DIR = process.env.E2E_PROGRAMS ?? '/opt/edge-observability-e2e';

const FOLDERS = [
  ...[`${PROGRAMS_DIR}/usr/bin`, `${PROGRAMS_DIR}/usr/sbin`, '/usr/bin', '/usr/sbin', '/sbin'],
  ...(process.env.PATH ?? '').split(':'),
];

/** Programs by the package of Debian that holds them. */
export type Packages = Readonly<Record<string, readonly string[]>>;

/** Programs for the metrics path of an environment. */
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

/** Further programs of the tests. */
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

/** How a program ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Absolute path of a program. Of one that no package of Debian holds, the name is that of the variable with its path, such as
 * `E2E_LOKI`.
 *
 * @throws Error with the package to install, if it is missing.
 */
export function program(name: string): string {
  const path = name.startsWith('E2E_') ? process.env[name] : find(name);
  if (!path) throw new Error(`${name} is missing: run test/e2e/install.sh, or set it to the program's path`);
  return path;
}

/** Path of a system folder that belongs to one of the programs. */
export function dataFolder(path: string): string {
  return [`${PROGRAMS_DIR}${path}`, path].find((one) => existsSync(one)) ?? path;
}

/**
 * Whether this machine can run the tests, or what else is to run, at all.
 *
 * @throws Error that names all that is missing, and the command that helps.
 */
export function requirePrograms(what = 'test:e2e', packages = TESTS): void {
  if (process.platform !== 'linux')
    throw new Error(`${what} needs Linux: its network namespaces and sandboxes`);
  if (process.getuid?.() !== 0) {
    throw new Error(
      `${what} makes network namespaces and sandboxes: run it as root, as in: sudo npm run ${what}`,
    );
  }
  const missing = Object.entries(packages).flatMap(([name, programs]) => {
    const absent = programs.filter((one) => !find(one));
    return absent.length ? [`${absent.join(', ')} (package ${name})`] : [];
  });
  if (missing.length) {
    throw new Error(
      `${what} needs programs that are missing: ${missing.join(', ')}; on Debian 12 or newer, this installs them: ` +
        'sudo sh test/e2e/install.sh',
    );
  }
}

/** Runs a program to its end and returns its output. @throws Error with what it said when it fails. */
export function run(name: string, ...args: string[]): string {
  return execFileSync(program(name), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Input of a program in addition to its arguments. */
export interface RunOptions {
  /** @default - nothing */
  readonly input?: string | Buffer;
  /** @default - the environment of the tests */
  readonly env?: NodeJS.ProcessEnv;
  /** @default - that of the tests */
  readonly cwd?: string;
}

/** Runs a program to its end, and returns its exit code and output. */
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

/** Starts a program that ends with this process, also when that is killed. */
export function spawnMortal([name = '', ...args]: readonly string[], options: SpawnOptions): ChildProcess {
  return spawn(program('setpriv'), ['--pdeathsig', 'KILL', program(name), ...args], options);
}

/**
 * Signals a program to end and waits until it has ended, so that nothing writes to its folders any more. It may
 * have ended before.
 */
export async function endProgram(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
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
