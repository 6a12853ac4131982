import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { type FSWatcher, mkdtempSync, readdirSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Names of files and folders that do not affect a synthesis. */
const OTHERS = /^(\.|node_modules$|dist$|build$|coverage$|docs$|test$|bench$|preview$)/;

/**
 * Pause in milliseconds between a change and the call. An editor saves several files, and may save one file several
 * times.
 */
const QUIET_MS = 200;

/** Synthesizes the environments of the current folder into a temporary folder, which `close` deletes. */
export class SynthesizedSources {
  readonly folder = mkdtempSync(join(tmpdir(), 'preview-'));
  private readonly watchers: FSWatcher[] = [];
  private timer?: NodeJS.Timeout;
  private running?: ChildProcess;

  /**
   * Synthesizes the manifests. Cancels a previous synthesis that is still running.
   * @returns whether the manifests are written; `false` if this synthesis was cancelled
   * @throws Error with the error output of the synthesis
   */
  async synthesize(): Promise<boolean> {
    await this.cancelSynthesis();
    const env = { ...process.env, CDK8S_OUTDIR: this.folder };
    return new Promise((resolve, reject) => {
      const child = execFile(
        process.execPath,
        ['scripts/run.cjs', 'main.ts'],
        { env },
        (error, _, stderr) => {
          if (child.killed) resolve(false);
          else if (error) reject(new Error(stderr.trim() || error.message));
          else resolve(true);
        },
      );
      this.running = child;
    });
  }

  /** Calls a function shortly after each change of a source. */
  onChange(changed: () => void): void {
    const folders = readdirSync('.', { withFileTypes: true }).filter(({ name }) => !OTHERS.test(name));
    for (const entry of folders) {
      if (!entry.isDirectory() && !entry.name.endsWith('.ts')) continue;
      this.watchers.push(watchFolder(entry.name, () => this.scheduleCallback(changed)));
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    for (const watcher of this.watchers) watcher.close();
    await this.cancelSynthesis();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async cancelSynthesis(): Promise<void> {
    const { running } = this;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill();
    await ended;
  }

  private scheduleCallback(changed: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(changed, QUIET_MS);
  }
}

/** Watches a file, or all files below a folder. */
export const watchFolder = (path: string, changed: () => void): FSWatcher =>
  watch(path, { recursive: true }, () => changed());
