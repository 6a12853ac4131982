import { environmentConstantName } from './environment-file';

/** Maximum length of a line in the formatter's configuration. */
const MAX_LINE_LENGTH = 110;

const IMPORT = /^import \{ \w+ \} from '(\.\/environments\/[\w-]+)';\n/gm;

const CALL = /^run\(\{([^{}]*)\}\);$/m;

const ENTRY = /^(\w+|'[\w-]+': \w+)$/;

/**
 * Returns the module from which the file of an environment imports the library, such as `../lib`: the module from
 * which main.ts imports `run`. A relative path is adapted to the folder `environments`.
 */
export function libraryImportPathOfEnvironment(main: string): string {
  const [, path = './lib'] = /^import \{[^}]*\brun\b[^}]*\} from '([^']+)';$/m.exec(main) ?? [];
  return path.startsWith('./') ? `.${path}` : path;
}

/**
 * Returns the text of main.ts with an additional environment: its import, and its entry in the call of `run`. Returns
 * `undefined` if main.ts does not have the expected structure.
 */
export function tryRenderMainFileWithEnvironment(main: string, name: string): string | undefined {
  const [, list] = CALL.exec(main) ?? [];
  if (list === undefined) return undefined;
  const entries = list
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
  if (!entries.every((entry) => ENTRY.test(entry))) return undefined;
  const imports = [...new Set([...(main.match(IMPORT) ?? []), environmentImportLine(name)])].sort(
    compareImportLinesByPath,
  );
  const called = renderRunCall([...new Set([...entries, renderEnvironmentEntry(name)])]);
  const others = main.replace(IMPORT, '').replace(CALL, () => called);
  const at = newImportPosition(others);
  return others.slice(0, at) + imports.join('') + others.slice(at);
}

const compareImportLinesByPath = (one: string, other: string): number =>
  importedModulePath(one) < importedModulePath(other) ? -1 : 1;
const importedModulePath = (line: string): string => line.replace(IMPORT, '$1');

/** Returns the index in the text for a new import: before the first import of a local file, otherwise after all imports. */
function newImportPosition(text: string): number {
  const own = /^import [^;]*? from '\.[^;]*;$/m.exec(text);
  if (own) return own.index;
  const last = [...text.matchAll(/^import [^;]*;\n/gm)].at(-1);
  return last ? last.index + last[0].length : 0;
}

/** Returns the line that imports an environment into main.ts. */
export const environmentImportLine = (name: string): string =>
  `import { ${environmentConstantName(name)} } from './environments/${name}';\n`;

/** Returns the entry of an environment in the call of `run`, such as `'edge-north': edgeNorth`. */
export const renderEnvironmentEntry = (name: string): string =>
  environmentConstantName(name) === name ? name : `'${name}': ${environmentConstantName(name)}`;

function renderRunCall(entries: readonly string[]): string {
  const line = `run({ ${entries.join(', ')} });`;
  return line.length <= MAX_LINE_LENGTH
    ? line
    : `run({\n${entries.map((entry) => `  ${entry},\n`).join('')}});`;
}
