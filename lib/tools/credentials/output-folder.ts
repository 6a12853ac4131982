import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Modes, replaceFiles } from '../process/replace-files';
import { CredentialsError } from './credentials-error';
import { secretId } from './hosts';
import { type SecretManifest, secretsToYaml } from './manifest';

/** Access for the owner only. */
const PRIVATE_MODES: Modes = { folder: 0o700, file: 0o600 };

/**
 * Writes a file for each Secret into a folder that only its owner can access and that git ignores. All files
 * are written completely before the first one is moved into place.
 * @returns the paths of the files.
 * @throws CredentialsError when others can access the folder, or a path is not a file; Error of the file
 * system. Nothing is written then, except if it fails while renaming.
 */
export function writeSecretFiles(folder: string, manifests: readonly SecretManifest[]): string[] {
  if (existsSync(folder)) requirePrivateFolder(folder);
  const files = manifests.map((manifest) => ({ path: join(folder, fileName(manifest)), manifest }));
  for (const { path, manifest } of files) refuseOtherFile(path, manifest);
  const secrets = files.map(({ path, manifest }) => [path, secretsToYaml([manifest])] as const);
  replaceFiles([...gitignoreFile(folder), ...secrets], PRIVATE_MODES);
  return files.map(({ path }) => path);
}

/** Namespaces contain no dots, so file names are unique. */
function fileName({ metadata: { namespace, name } }: SecretManifest): string {
  return `${namespace}.${name}.yaml`;
}

/** An existing folder's mode is the user's choice, and the folder may be /tmp: it is never changed. */
function requirePrivateFolder(folder: string): void {
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

function refuseOtherFile(path: string, { metadata }: SecretManifest): void {
  if (existsSync(path) && !containsSecret(path, secretId(metadata))) {
    throw new CredentialsError(`${path} exists and is not Secret ${secretId(metadata)}: move or delete it`);
  }
}

function containsSecret(path: string, id: string): boolean {
  try {
    const found = parse(readFileSync(path, 'utf8'), { logLevel: 'silent' });
    return found?.kind === 'Secret' && secretId(found.metadata ?? {}) === id;
  } catch {
    // Not a file, or no YAML.
    return false;
  }
}

/** The .gitignore is moved into place before the Secrets. */
function gitignoreFile(folder: string): [path: string, text: string][] {
  const path = join(folder, '.gitignore');
  return existsSync(path) ? [] : [[path, '*\n']];
}
