import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createOrReplaceFiles, type Modes } from '../process/replace-files';
import { CredentialsError } from './credentials-error';
import { formatSecretId } from './hosts';
import { type SecretManifest, secretsToYaml } from './manifest';

/** Modes with which only the owner can access the files. */
const PRIVATE_MODES: Modes = { folder: 0o700, file: 0o600 };

/**
 * Writes a file for each Secret into a folder that only its owner can access. Git ignores the files, unless the folder
 * already has a .gitignore. All files are written under temporary names before the first file is renamed to its final
 * path.
 * @returns the paths of the files.
 * @throws CredentialsError in these cases:
 * - the path is not a folder
 * - other users can access the folder
 * - a file with the name of a Secret already exists, but does not contain this Secret
 * @throws Error when a file cannot be written. After an error, no file is changed, except if renaming fails.
 */
export function writeSecretFiles(folder: string, manifests: readonly SecretManifest[]): string[] {
  if (existsSync(folder)) requirePrivateFolder(folder);
  const files = manifests.map((manifest) => ({ path: join(folder, secretFileName(manifest)), manifest }));
  for (const { path, manifest } of files) refuseToOverwriteOtherFile(path, manifest);
  const secrets = files.map(({ path, manifest }) => [path, secretsToYaml([manifest])] as const);
  createOrReplaceFiles([...gitignorePathAndTextIfMissing(folder), ...secrets], PRIVATE_MODES);
  return files.map(({ path }) => path);
}

/**
 * Returns the file name of a Secret: `NAMESPACE.NAME.yaml`. Two Secrets have different file names, because namespaces
 * contain no dots.
 */
function secretFileName({ metadata: { namespace, name } }: SecretManifest): string {
  return `${namespace}.${name}.yaml`;
}

/**
 * Throws if a path is not a folder, or if other users can access the folder. Does not change the mode of the folder:
 * the user may have chosen `/tmp`.
 */
function requirePrivateFolder(folder: string): void {
  const stats = statSync(folder);
  if (!stats.isDirectory())
    throw new CredentialsError(`--output is ${folder}, which is not a folder; allowed: the path of a folder`);
  const mode = stats.mode & 0o777;
  if (mode & 0o077) {
    throw new CredentialsError(
      `--output is ${folder}, which has mode ${mode.toString(8)}, so other users can access it; allowed: a folder with mode 700, or a folder that does not exist yet`,
    );
  }
}

function refuseToOverwriteOtherFile(path: string, { metadata }: SecretManifest): void {
  if (existsSync(path) && !isManifestFileOfSecret(path, formatSecretId(metadata))) {
    throw new CredentialsError(
      `${path} exists and does not contain the Secret ${formatSecretId(metadata)}: move or delete this file`,
    );
  }
}

function isManifestFileOfSecret(path: string, id: string): boolean {
  try {
    const found = parse(readFileSync(path, 'utf8'), { logLevel: 'silent' });
    return found?.kind === 'Secret' && formatSecretId(found.metadata ?? {}) === id;
  } catch {
    // The path is not a file, or the file is not YAML.
    return false;
  }
}

/**
 * Returns the path and text of the .gitignore of a folder, as a list with one entry. Returns an empty list if the file
 * exists. The .gitignore must be written before the files of the Secrets.
 */
function gitignorePathAndTextIfMissing(folder: string): [path: string, text: string][] {
  const path = join(folder, '.gitignore');
  return existsSync(path) ? [] : [[path, '*\n']];
}
