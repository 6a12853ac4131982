import { constantFor } from './environment-file';

/** The formatter's. */
const LONGEST_LINE = 110;

const IMPORT = /^import \{ \w+ \} from '(\.\/environments\/[\w-]+)';\n/gm;

const CALL = /^run\(\{([^{}]*)\}\);$/m;

const ENTRY = /^(\w+|'[\w-]+': \w+)$/;

/** Where main.ts has the function `run` from: the library, as its environments import it, too. */
export function libraryOf(main: string): string {
  const [, path = './lib'] = /^import \{[^}]*\brun\b[^}]*\} from '([^']+)';$/m.exec(main) ?? [];
  return path.startsWith('./') ? `.${path}` : path;
}

/** main.ts with an environment more; undefined where its shape is not the one that this knows. */
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

/** Before the first file of the project's own that is imported, or after all packages. */
function placeOfImports(text: string): number {
  const own = /^import [^;]*? from '\.[^;]*;$/m.exec(text);
  if (own) return own.index;
  const last = [...text.matchAll(/^import [^;]*;\n/gm)].at(-1);
  return last ? last.index + last[0].length : 0;
}

/** The line by which main.ts knows an environment. */
export const importOf = (name: string): string =>
  `import { ${constantFor(name)} } from './environments/${name}';\n`;

/** What main.ts hands to `run`. */
export const entryOf = (name: string): string =>
  constantFor(name) === name ? name : `'${name}': ${constantFor(name)}`;

function callOf(entries: readonly string[]): string {
  const line = `run({ ${entries.join(', ')} });`;
  return line.length <= LONGEST_LINE ? line : `run({\n${entries.map((entry) => `  ${entry},\n`).join('')}});`;
}
