import { readdirSync, readFileSync } from 'node:fs';
import { flowsOf } from '../../lib/graph/flows';
import { svgOf } from '../../lib/graph/picture';
import { load } from '../support/manifests';

test.each(readdirSync('dist'))(
  'the picture of %s is that of its manifests: npm run docs:images',
  async (environment) => {
    const objects = load(`dist/${environment}`).map((manifest) => ({
      manifest,
      chart: '',
      file: '',
      yaml: '',
    }));
    const picture = await svgOf(environment, flowsOf(objects));
    expect(readFileSync(`docs/images/${environment}.svg`, 'utf8')).toBe(picture);
  },
);
