import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fleet } from '../../examples/environments/fleet';
import { reference } from '../../examples/environments/reference';
import { IMAGE_LOCK } from '../../lib/core/image-lock';
import type { RenderedObject } from '../../lib/tools/synthesis/render';
import { renderEnvironments } from '../../lib/tools/synthesis/synthesize';
import type { Manifest } from './manifests';

/** The example environments, which tests use. main.ts may contain other environments instead. */
export const EXAMPLES = { reference, fleet } as const;

/** Name of an example environment. */
export type ExampleName = keyof typeof EXAMPLES;

/** Names of the example environments. */
export const EXAMPLE_NAMES = Object.keys(EXAMPLES) as ExampleName[];

/** Returns the objects of an example, sorted by file. The images are those of this release, without an image lock. */
export function exampleObjects(name: ExampleName): RenderedObject[] {
  const rendered = renderEnvironments({ [name]: EXAMPLES[name] }, { [IMAGE_LOCK]: null });
  const path = ({ chart, file }: RenderedObject) => `${chart}/${file}`;
  return rendered.flatMap(({ objects }) => objects).sort((one, other) => (path(one) < path(other) ? -1 : 1));
}

/** Returns the manifests of an example: of all its charts, or of one chart. */
export const exampleManifests = (name: ExampleName, chart?: 'cloud' | 'edge' | 'gitops'): Manifest[] =>
  exampleObjects(name)
    .filter((object) => chart === undefined || object.chart === chart)
    .map(({ manifest }) => manifest);

/** Writes the manifests of an example into a folder, as a synthesis does. */
export function writeExample(name: ExampleName, folder: string): void {
  for (const { chart, file, yaml } of exampleObjects(name)) {
    mkdirSync(join(folder, chart), { recursive: true });
    writeFileSync(join(folder, chart, file), yaml);
  }
}

const MAIN = `import { fleet } from './environments/fleet';
import { reference } from './environments/reference';
import { run } from './lib';

run({ reference, fleet });
`;

/**
 * Writes the files of a new checkout into a folder: main.ts, and the examples in environments/.
 * @param lib module path of the library in main.ts
 */
export function writeCheckout(folder: string, lib = './lib'): void {
  mkdirSync(join(folder, 'environments'));
  const below = lib.startsWith('.') ? `.${lib}` : lib;
  writeFileSync(join(folder, 'main.ts'), MAIN.replace("'./lib'", `'${lib}'`));
  for (const name of EXAMPLE_NAMES) {
    const text = readFileSync(join(__dirname, `../../examples/environments/${name}.ts`), 'utf8');
    writeFileSync(join(folder, `environments/${name}.ts`), text.replace("'../../lib'", `'${below}'`));
  }
}
