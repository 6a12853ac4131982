import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { apiPages } from './api';
import { settingsPage } from './settings';
import { sources } from './sources';

/** Every page that is generated from the types and their comments, by its path. */
export function referencePages(): Record<string, string> {
  const project = sources();
  return { 'docs/settings.md': settingsPage(project), ...apiPages(project) };
}

if (process.argv[1]?.endsWith('reference/main.ts')) {
  const pages = referencePages();
  for (const [path, text] of Object.entries(pages)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  for (const name of readdirSync('docs/api')) {
    if (!pages[`docs/api/${name}`]) rmSync(`docs/api/${name}`);
  }
}
