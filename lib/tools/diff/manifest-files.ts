import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { formatValue } from '../../core/validation';
import { UsageError } from '../process/usage-error';
import { listSynthesizedFiles } from '../synthesis/output-folder';

/** Reads the manifests in a folder. Returns the text of each file by its path below the folder. */
export function readManifestsInFolder(folder: string): Map<string, string> {
  return new Map(
    listSynthesizedFiles(folder).map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  );
}

/**
 * Reads the manifests in a folder of a git revision. Returns the text of each file by its path below the folder. Returns an
 * empty map if the revision does not contain the folder.
 * @throws UsageError when git does not know the revision, or when the folder is outside of the git repository.
 */
export function readManifestsOfGitRevision(folder: string, revision: string): Map<string, string> {
  const commit = resolveCommit(revision);
  const listed = runGit(['ls-tree', '-r', '-z', commit, '--', folder], '--against');
  const entries = listed.split('\0').flatMap((line) => {
    const [, blob, path] = /^\d+ blob (\w+)\t(.*)$/s.exec(line) ?? [];
    return blob && path?.endsWith('.k8s.yaml') ? [{ blob, path }] : [];
  });
  const texts = readGitBlobs(entries.map(({ blob }) => blob));
  const prefix = `${normalize(folder).replace(/\/$/, '')}/`;
  return new Map(entries.map(({ path }, index) => [path.slice(prefix.length), texts[index] ?? '']));
}

function resolveCommit(revision: string): string {
  try {
    return execFileSync(
      'git',
      ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    ).trim();
  } catch (error) {
    const { status, stderr, message } = error as { status?: number; stderr?: string; message: string };
    // With --quiet, git exits with 1 and prints nothing if it does not know the revision.
    if (status !== 1)
      throw new UsageError(`--against requires a git repository: ${(stderr || message).trim()}`);
    throw new UsageError(
      `--against is ${formatValue(revision)}, which does not exist in this git repository; allowed: a branch, a tag or a commit, such as origin/main; run git fetch if it is missing`,
    );
  }
}

/**
 * Reads the texts of git blobs with one call of `git cat-file --batch`. For each blob, git prints a line with the size, and
 * then the bytes of the blob.
 * @param names hashes of the blobs
 */
function readGitBlobs(names: readonly string[]): string[] {
  if (!names.length) return [];
  const output = execFileSync('git', ['cat-file', '--batch'], {
    input: `${names.join('\n')}\n`,
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  const texts: string[] = [];
  let at = 0;
  for (const _ of names) {
    const start = output.indexOf(10, at) + 1;
    const size = Number(output.toString('utf8', at, start).split(' ')[2]);
    texts.push(output.toString('utf8', start, start + size));
    at = start + size + 1;
  }
  return texts;
}

function runGit(args: readonly string[], option: string): string {
  try {
    return execFileSync('git', [...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: Number.POSITIVE_INFINITY,
    });
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new UsageError(`${option}: ${(stderr || message).trim()}`);
  }
}
