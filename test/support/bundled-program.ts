import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/**
 * Modules that scripts/run.cjs loads for constructs. The programs of these tests have no constructs, so the modules are
 * empty; loading the real packages takes longer than everything else.
 */
const EMPTY_MODULES = [
  '@grafana/grafana-foundation-sdk/dashboard',
  '@grafana/lezer-logql',
  '@prometheus-io/lezer-promql',
  'cdk8s',
  'cdk8s-plus-25/lib/imports/k8s',
  'constructs',
];

const RUN = ['scripts/run.cjs', 'main.ts'];

/** A main.ts in a temporary folder, which scripts/run.cjs bundles, runs and caches. */
export class BundledProgram {
  readonly folder = mkdtempSync(join(tmpdir(), 'bundled-program-'));
  private readonly cache = join(this.folder, 'node_modules/.cache/cdk8s-edge-observability');

  constructor(files: Readonly<Record<string, string>>) {
    cpSync('scripts', join(this.folder, 'scripts'), { recursive: true });
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    for (const name of EMPTY_MODULES) this.write(`node_modules/${name}.js`, '');
    symlinkSync(resolve('node_modules/esbuild'), join(this.folder, 'node_modules/esbuild'));
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  /** Runs the program, and returns its output, or the error if there is no output. */
  run(): string {
    const { stdout, stderr } = spawnSync(process.execPath, RUN, { cwd: this.folder, encoding: 'utf8' });
    return (stdout || stderr).trim();
  }

  /** Runs the program in several concurrent processes, and returns the output of each process. */
  runConcurrently(processes: number): Promise<readonly string[]> {
    return Promise.all(Array.from({ length: processes }, () => this.runAndReadOutput()));
  }

  private async runAndReadOutput(): Promise<string> {
    const { stdout } = spawn(process.execPath, RUN, {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const chunks: Buffer[] = [];
    for await (const chunk of stdout) chunks.push(chunk);
    return Buffer.concat(chunks).toString().trim();
  }

  /**
   * Returns the path of the cached file with this ending.
   * @param end ending such as `.js`; empty for the file without ending
   * @throws Error if there is no such file, or several
   */
  findCachedFile(end: string): string {
    const [name, ...others] = readdirSync(this.cache).filter((one) =>
      end ? one.endsWith(end) : !one.includes('.'),
    );
    if (!name || others.length) throw new Error(`${this.cache} has ${[name, ...others].join(', ')}`);
    return join(this.cache, name);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
