import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * Copies files of the repository into a folder, with the line ends of Windows (CRLF), and links node_modules.
 * @param paths files and folders to copy; without paths, the whole repository is copied
 */
export function copyWithCrlf(folder: string, ...paths: string[]): void {
  const listed = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...paths];
  const files = execFileSync('git', listed, { encoding: 'utf8', maxBuffer: 2 ** 26 }).split('\0');
  for (const file of files.filter(Boolean)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), readFileSync(file, 'utf8').replaceAll(/\r?\n/g, '\r\n'));
  }
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
}
