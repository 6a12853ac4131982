import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Writes files into a temporary folder that only this user can read, calls `work` with the path of the folder, and removes
 * the folder afterwards.
 * @param files texts of the files, by their path below the folder
 */
export async function withTemporaryFiles<Result>(
  files: Readonly<Record<string, string>>,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'edge-observability-'));
  try {
    const folders = new Set(Object.keys(files).map((path) => dirname(join(folder, path))));
    for (const path of folders) mkdirSync(path, { recursive: true });
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
