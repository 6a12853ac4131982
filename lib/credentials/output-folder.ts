import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CredentialsError } from './credentials-error';
import { idOf } from './hosts';
import { type SecretManifest, toYaml } from './manifest';

/**
 * Writes a file for each Secret into a folder that only its owner can look into, and that git leaves out. All
 * files are complete on disk before the first one takes its place.
 *
 * @returns the paths of the files.
 * @throws CredentialsError when others can look into the folder, or a file is something else; Error of the
 * file system. Nothing was written then, unless it broke in the middle of renaming.
 */
export function writeSecrets(folder: string, manifests: readonly SecretManifest[]): string[] {
  if (existsSync(folder)) requirePrivate(folder);
  const files = manifests.map((manifest) => ({ path: join(folder, fileName(manifest)), manifest }));
  for (const { path, manifest } of files) requireReplaceable(path, manifest);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  ignoreInGit(folder);
  replace(files);
  return files.map(({ path }) => path);
}

/** No namespace holds a dot, so that no two Secrets share a file. */
function fileName({ metadata: { namespace, name } }: SecretManifest): string {
  return `${namespace}.${name}.yaml`;
}

/** The mode of a folder that exists is the user's choice, and may be that of /tmp: it is never changed. */
function requirePrivate(folder: string): void {
  const stats = statSync(folder);
  if (!stats.isDirectory()) throw new CredentialsError(`--output is ${folder}, which is no folder`);
  const mode = stats.mode & 0o777;
  if (mode & 0o077) {
    throw new CredentialsError(
      `--output is ${folder}, of mode ${mode.toString(8)}, so that others can look into it; allowed: a ` +
        'folder of mode 700, or one that does not exist yet',
    );
  }
}

function requireReplaceable(path: string, { metadata }: SecretManifest): void {
  if (existsSync(path) && !holdsSecret(path, idOf(metadata))) {
    throw new CredentialsError(`${path} is there and not Secret ${idOf(metadata)}: move it out of the way`);
  }
}

function holdsSecret(path: string, id: string): boolean {
  try {
    const found = parse(readFileSync(path, 'utf8'), { logLevel: 'silent' });
    return found?.kind === 'Secret' && idOf(found.metadata ?? {}) === id;
  } catch {
    // A folder, or no YAML.
    return false;
  }
}

function ignoreInGit(folder: string): void {
  const path = join(folder, '.gitignore');
  if (!existsSync(path)) writeFileSync(path, '*\n', { mode: 0o600 });
}

function replace(files: readonly { readonly path: string; readonly manifest: SecretManifest }[]): void {
  const suffix = `.${randomBytes(6).toString('hex')}.tmp`;
  try {
    for (const { path, manifest } of files) {
      writeFileSync(path + suffix, toYaml([manifest]), { mode: 0o600, flag: 'wx' });
    }
    for (const { path } of files) renameSync(path + suffix, path);
  } finally {
    for (const { path } of files) rmSync(path + suffix, { force: true });
  }
}
