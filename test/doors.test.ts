import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Layers of which each folder is one component, or one agent. */
const LAYERS = ['lib/agents', 'lib/cloud', 'lib/edge'];

const sources = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('lib', name));

/** The files that a source imports or exports again, without their endings. */
const importsOf = (source: string): string[] =>
  [...readFileSync(source, 'utf8').matchAll(/\bfrom '(\.[^']*)'/g)].map(([, path = '']) =>
    normalize(join(dirname(source), path)),
  );

/** The folder of the component that a file is of; undefined where it is of none. */
function componentOf(file: string): string | undefined {
  const layer = LAYERS.find((folder) => file.startsWith(`${folder}/`));
  const [component, ...rest] = layer === undefined ? [] : file.slice(layer.length + 1).split('/');
  return rest.length ? `${layer}/${component}` : undefined;
}

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
