import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run as runProgram } from '../runtime/programs';
import { examplesFolder } from './examples-folder';

/** At which a call of the command is seen. */
export const PORT = 19_090;

/** One call of the command, in a process group of its own as a terminal gives it, and a temporary folder. */
export class Try {
  readonly folder = mkdtempSync(join(tmpdir(), 'try-'));
  stdout = '';
  stderr = '';
  private readonly child: ChildProcess;
  private readonly exit: Promise<unknown[]>;

  constructor(args: string[], env = {}) {
    const options = {
      detached: true,
      env: { ...process.env, CDK8S_OUTDIR: examplesFolder(), TMPDIR: this.folder, ...env },
    };
    this.child = spawn('npm', ['run', '--silent', 'try', '--', '--port', `${PORT}`, ...args], options);
    this.child.stdout?.on('data', (text) => {
      this.stdout += text;
    });
    this.child.stderr?.on('data', (text) => {
      this.stderr += text;
    });
    this.exit = once(this.child, 'exit');
  }

  /** Prefixes of the names of everything that it creates. */
  get id(): string | undefined {
    return readdirSync(this.folder).find((name) => name.startsWith('e2e-'));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** As a terminal does on Ctrl-C: every process of the group gets it. */
  async end(signal: NodeJS.Signals): Promise<void> {
    process.kill(-this.pid, signal);
    await this.exit;
  }

  async code(): Promise<number> {
    const [code] = await this.exit;
    return code as number;
  }
}

/** Resources of one call on the machine: namespaces, control groups, mounts, files, processes. */
export function traces(id: string, folder: string): string[] {
  const groups = ['/sys/fs/cgroup', '/sys/fs/cgroup/memory'].filter((path) => existsSync(path));
  return [
    ...runProgram('ip', 'netns', 'list').split('\n'),
    ...groups.flatMap((path) => readdirSync(path)),
    ...readFileSync('/proc/self/mounts', 'utf8').split('\n'),
    ...processes(),
  ]
    .filter((line) => line.includes(id) || line.includes(folder))
    .concat(readdirSync(folder));
}

/** Command line and environment of every process but this one. */
function processes(): string[] {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== `${process.pid}`);
  return numbers.flatMap((number) => {
    try {
      return [['cmdline', 'environ'].map((file) => readFileSync(`/proc/${number}/${file}`, 'utf8')).join()];
    } catch {
      return []; // It ended meanwhile.
    }
  });
}
