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

/** Permissions of the files of a Secret or ConfigMap. */
export interface Ownership {
  readonly mode: number;
  /**
   * Group that owns the files, and can read them even if the mode does not allow it.
   * @default - root's group, with exactly this mode
   */
  readonly fsGroup?: number;
}

/**
 * A folder whose files change atomically, as a kubelet writes Secrets and ConfigMaps. Each file is a link through
 * `..data`, which is a link to the folder of the current version. An update replaces `..data`.
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

  /** Replaces all files by these files. */
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
