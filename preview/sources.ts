import { execFile } from 'node:child_process';
import { type FSWatcher, mkdtempSync, readdirSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders whose files make no difference to a synthesis. */
const OTHERS = /^(\.|node_modules$|dist$|build$|coverage$|docs$|test$|bench$|preview$)/;

/** An editor saves more than one file, and one file more than once. */
const QUIET_MS = 200;

/** Manifests that are synthesized from the sources of this folder, into a folder that goes with the process. */
export class SynthesizedSources {
  readonly folder = mkdtempSync(join(tmpdir(), 'preview-'));
  private readonly watchers: FSWatcher[] = [];
  private timer?: NodeJS.Timeout;

  /** Writes the manifests. @throws Error with what the synthesis says. */
  synthesize(): Promise<void> {
    const env = { ...process.env, CDK8S_OUTDIR: this.folder };
    return new Promise((resolve, reject) => {
      execFile(process.execPath, ['scripts/run.cjs', 'main.ts'], { env }, (error, _, stderr) =>
        error ? reject(new Error(stderr.trim() || error.message)) : resolve(),
      );
    });
  }

  /** Calls after each change of a source, once it is quiet. */
  onChange(changed: () => void): void {
    const folders = readdirSync('.', { withFileTypes: true }).filter(({ name }) => !OTHERS.test(name));
    for (const entry of folders) {
      if (!entry.isDirectory() && !entry.name.endsWith('.ts')) continue;
      this.watchers.push(watched(entry.name, () => this.later(changed)));
    }
  }

  close(): void {
    clearTimeout(this.timer);
    for (const watcher of this.watchers) watcher.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private later(changed: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(changed, QUIET_MS);
  }
}

/** Everything below a folder, or a file. */
export const watched = (path: string, changed: () => void): FSWatcher =>
  watch(path, { recursive: true }, () => changed());
