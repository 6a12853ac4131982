import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** How the files of a Secret or ConfigMap are to look. */
export interface Ownership {
  readonly mode: number;
  /** Owns the files and may read them, whatever their mode is. @default - root's group, and the mode as it is */
  readonly fsGroup?: number;
}

/**
 * A folder of files that changes at once, as a kubelet's does: each name is a link through `..data`,
 * which is a link to a folder of this version and is swapped for the next one.
 */
export class ProjectedFolder {
  private version = 0;

  constructor(
    readonly path: string,
    private readonly ownership: Ownership,
  ) {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o777);
  }

  /** Replaces all files. */
  write(files: Readonly<Record<string, Buffer>>): void {
    const previous = `..version-${this.version}`;
    const current = `..version-${++this.version}`;
    this.writeVersion(join(this.path, current), files);
    symlinkSync(current, join(this.path, '..data_tmp'));
    renameSync(join(this.path, '..data_tmp'), join(this.path, '..data'));
    this.linkNames(Object.keys(files));
    rmSync(join(this.path, previous), { recursive: true, force: true });
  }

  private writeVersion(folder: string, files: Readonly<Record<string, Buffer>>): void {
    const { mode, fsGroup } = this.ownership;
    mkdirSync(folder);
    for (const [name, content] of Object.entries(files)) {
      const file = join(folder, name);
      writeFileSync(file, content);
      chownSync(file, 0, fsGroup ?? 0);
      chmodSync(file, fsGroup === undefined ? mode : mode | 0o440);
    }
    chownSync(folder, 0, fsGroup ?? 0);
    chmodSync(folder, fsGroup === undefined ? 0o755 : 0o2755);
  }

  private linkNames(names: readonly string[]): void {
    const existing = readdirSync(this.path).filter((name) => !name.startsWith('..'));
    for (const name of existing.filter((one) => !names.includes(one))) rmSync(join(this.path, name));
    for (const name of names.filter((one) => !existing.includes(one))) {
      symlinkSync(join('..data', name), join(this.path, name));
    }
  }
}
