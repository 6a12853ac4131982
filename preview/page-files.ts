import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Content type and text of each file of the page, by URL path. */
export type PageFiles = Readonly<Record<string, readonly [type: string, text: string]>>;

const PAGE = 'preview/page';

let bundled: Promise<PageFiles> | undefined;

/**
 * Returns the files of the page, which are bundled at the first call. The server only sends these files, so a browser
 * cannot read others.
 */
export function pageFiles(): Promise<PageFiles> {
  bundled ??= bundleAll();
  return bundled;
}

async function bundleAll(): Promise<PageFiles> {
  const command = ['preview/bundle.cjs', ...['main.ts', 'style.css'].map((name) => join(PAGE, name))];
  const { stdout } = await promisify(execFile)(process.execPath, command, { maxBuffer: 2 ** 24 });
  const [script, style] = JSON.parse(stdout) as [string, string];
  return {
    '/': ['text/html', readFileSync(join(PAGE, 'index.html'), 'utf8')],
    '/preview/page.js': ['text/javascript', script],
    '/preview/page.css': ['text/css', style],
  };
}
