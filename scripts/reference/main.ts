import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { apiPages } from './api';
import { findOptionTables, findWrongDefaults, loadTableEntries } from './defaults';
import { settingsPage } from './settings';
import { loadSources } from './sources';

/** Returns all pages that are generated from types and doc comments, by path. */
export function referencePages(project = loadSources()): Record<string, string> {
  return { 'docs/settings.md': settingsPage(project), ...apiPages(project) };
}

if (process.argv[1]?.endsWith('reference/main.ts')) void writePages();

/**
 * Writes the generated pages, and removes pages that are no longer generated. If the default in a comment differs from
 * the default in an option table, writes nothing and sets exit code 1.
 */
async function writePages(): Promise<void> {
  // The defaults are read by a compiler of their own, because the order of some properties on the pages depends on
  // earlier requests to the same compiler.
  const tables = findOptionTables(loadSources());
  const wrong = findWrongDefaults(tables, await loadTableEntries(tables));
  if (wrong.length) {
    console.error(
      `Defaults in doc comments differ from the option tables. Change the comment or the table:\n${wrong.join('\n')}`,
    );
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
