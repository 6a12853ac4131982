import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { defaultLogAgent, LOG_AGENTS } from '../lib/agents/log-agents';

/** Layers of which each folder is one component, or one agent. */
const LAYERS = ['lib/agents', 'lib/cloud', 'lib/edge'];

/**
 * Folders whose imports use the index of a component; tests and benchmarks also import internal files of their subject.
 */
const IMPORTERS = ['environments', 'examples', 'lib', 'preview', 'scripts'];

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const sources = IMPORTERS.flatMap(filesOf).filter((name) => name.endsWith('.ts'));

/** The files that a source imports or exports again, without their endings. */
const importsOf = (source: string): string[] =>
  [...readFileSync(source, 'utf8').matchAll(/(?:\bfrom |\bimport |\bimport\(|\brequire\()'(\.[^']*)'/g)].map(
    ([, path = '']) => normalize(join(dirname(source), path)),
  );

/** The folder of the component that a file is of; undefined where it is of none. */
function componentOf(file: string): string | undefined {
  const layer = LAYERS.find((folder) => file.startsWith(`${folder}/`));
  const [component, ...rest] = layer === undefined ? [] : file.slice(layer.length + 1).split('/');
  return rest.length ? `${layer}/${component}` : undefined;
}

// Why Biome's noPrivateImports does not check this: docs/architecture.md.
test('what a component does not export at its index is imported by nothing outside of its folder', () => {
  const trespassing = sources.flatMap((source) =>
    importsOf(source)
      .filter((path) => componentOf(path) !== undefined && componentOf(path) !== componentOf(source))
      .map((path) => `${source} imports ${path}`),
  );
  expect(trespassing).toEqual([]);
});

test('each component has an index', () => {
  const components = new Set(sources.flatMap((source) => componentOf(source) ?? []));
  expect(components.size).toBeGreaterThan(20);
  expect([...components].filter((folder) => !sources.includes(`${folder}/index.ts`))).toEqual([]);
});

/** Other references to a log agent: its function and its image, for users. */
const NAMING_AGENTS = ['lib/agents/log-agents.ts', 'lib/core/images.ts', 'lib/index.ts'];

// The default agent is named where its behaviour is a default of the library, and where doctor checks its login.
test.each(Object.values(LOG_AGENTS).filter(({ name }) => name !== defaultLogAgent().name))(
  'no file of lib names $name, except for those of its folder and the list of agents',
  ({ name }) => {
    const named = new RegExp(name.replaceAll('-', '[ -]?'), 'i');
    const naming = filesOf('lib').filter((file) => named.test(readFileSync(file, 'utf8')));
    const own = `lib/agents/${name}/`;
    expect(naming).toContain(`${own}index.ts`);
    expect(naming.filter((file) => !file.startsWith(own) && !NAMING_AGENTS.includes(file))).toEqual([]);
  },
);

test('no file of lib has more than 250 lines', () => {
  const lengths = filesOf('lib').map((name) => [readFileSync(name, 'utf8').split('\n').length - 1, name]);
  expect(lengths.length).toBeGreaterThan(400);
  expect(lengths.filter(([lines]) => Number(lines) > 250)).toEqual([]);
});
