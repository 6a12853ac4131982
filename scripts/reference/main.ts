import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { apiPages } from './api';
import { findOptionTables, findWrongDefaults, loadValues } from './defaults';
import { settingsPage } from './settings';
import { loadSources } from './sources';

/** Returns all pages that are generated from types and comments, by path. */
export function referencePages(project = loadSources()): Record<string, string> {
  return { 'docs/settings.md': settingsPage(project), ...apiPages(project) };
}

if (process.argv[1]?.endsWith('reference/main.ts')) void writePages();

/** Writes nothing if a comment contradicts the default in the table of options. */
async function writePages(): Promise<void> {
  // Uses a separate compiler, because the order of some properties depends on earlier requests to a compiler.
  const tables = findOptionTables(loadSources());
  const wrong = findWrongDefaults(tables, await loadValues(tables));
  if (wrong.length) {
    console.error(`Change the comment or the table:\n${wrong.join('\n')}`);
    process.exitCode = 1;
    return;
  }
  const pages = referencePages();
  for (const [path, text] of Object.entries(pages)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  for (const name of readdirSync('docs/api')) {
    if (!pages[`docs/api/${name}`]) rmSync(`docs/api/${name}`);
  }
}
