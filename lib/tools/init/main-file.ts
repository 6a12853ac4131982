import { constantFor } from './environment-file';

/** Maximum line length of the formatter. */
const LONGEST_LINE = 110;

const IMPORT = /^import \{ \w+ \} from '(\.\/environments\/[\w-]+)';\n/gm;

const CALL = /^run\(\{([^{}]*)\}\);$/m;

const ENTRY = /^(\w+|'[\w-]+': \w+)$/;

/** Returns the module from which main.ts imports `run`, which environments import, too. */
export function libraryOf(main: string): string {
  const [, path = './lib'] = /^import \{[^}]*\brun\b[^}]*\} from '([^']+)';$/m.exec(main) ?? [];
  return path.startsWith('./') ? `.${path}` : path;
}

/** Adds an environment to main.ts; returns undefined if its structure is unknown. */
export function withEnvironment(main: string, name: string): string | undefined {
  const [, list] = CALL.exec(main) ?? [];
  if (list === undefined) return undefined;
  const entries = list
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
  if (!entries.every((entry) => ENTRY.test(entry))) return undefined;
  const imports = [...new Set([...(main.match(IMPORT) ?? []), importOf(name)])].sort(byPath);
  const called = callOf([...new Set([...entries, entryOf(name)])]);
  const others = main.replace(IMPORT, '').replace(CALL, () => called);
  const at = placeOfImports(others);
  return others.slice(0, at) + imports.join('') + others.slice(at);
}

const byPath = (one: string, other: string): number => (pathOf(one) < pathOf(other) ? -1 : 1);
const pathOf = (line: string): string => line.replace(IMPORT, '$1');

/** Returns the position for the import: before the first import of a local file, or after all packages. */
function placeOfImports(text: string): number {
  const own = /^import [^;]*? from '\.[^;]*;$/m.exec(text);
  if (own) return own.index;
  const last = [...text.matchAll(/^import [^;]*;\n/gm)].at(-1);
  return last ? last.index + last[0].length : 0;
}

/** Returns the import of an environment. */
export const importOf = (name: string): string =>
  `import { ${constantFor(name)} } from './environments/${name}';\n`;

/** Returns the entry of an environment in the argument of `run`. */
export const entryOf = (name: string): string =>
  constantFor(name) === name ? name : `'${name}': ${constantFor(name)}`;

function callOf(entries: readonly string[]): string {
  const line = `run({ ${entries.join(', ')} });`;
  return line.length <= LONGEST_LINE ? line : `run({\n${entries.map((entry) => `  ${entry},\n`).join('')}});`;
}
