import { readdirSync, readFileSync } from 'node:fs';
import { createFlowGraph } from '../../lib/tools/graph/flows';
import { renderSvg } from '../../lib/tools/graph/picture';
import { EXAMPLE_NAMES, exampleObjects } from '../support/examples';

test('there is a picture of each example', () => {
  expect(readdirSync('docs/images')).toEqual(
    expect.arrayContaining(EXAMPLE_NAMES.map((name) => `${name}.svg`)),
  );
});

test.each(EXAMPLE_NAMES)('the picture of %s is that of its manifests: npm run docs:images', async (name) => {
  const picture = await renderSvg(name, createFlowGraph(exampleObjects(name)));
  expect(readFileSync(`docs/images/${name}.svg`, 'utf8')).toBe(picture);
});
