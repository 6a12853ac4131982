import { readdirSync, readFileSync } from 'node:fs';
import { flowsOf } from '../../lib/graph/flows';
import { svgOf } from '../../lib/graph/picture';
import { rendered } from '../support/manifests';

test.each(readdirSync('dist'))(
  'the picture of %s is that of its manifests: npm run docs:images',
  async (environment) => {
    const picture = await svgOf(environment, flowsOf(rendered(`dist/${environment}`)));
    expect(readFileSync(`docs/images/${environment}.svg`, 'utf8')).toBe(picture);
  },
);
