import { existsSync, readFileSync, statSync } from 'node:fs';
import { digestsOf, pictureOf, recordedDigests } from '../../preview/pictures';
import { provisioned } from '../../preview/provisioned';
import { examplesFolder } from '../stacks/examples-folder';

const { dashboards } = provisioned(`${examplesFolder()}/fleet`);

describe.each(dashboards.map((dashboard) => [dashboard.title, dashboard] as const))('%s', (_, dashboard) => {
  test('has a picture of at most 200 kB, which docs/dashboards.md shows', () => {
    const path = pictureOf(dashboard);
    expect(existsSync(path)).toBe(true);
    expect(statSync(path).size).toBeLessThan(200_000);
    expect(readFileSync('docs/dashboards.md', 'utf8')).toContain(`](${path.replace('docs/', '')})`);
  });

  test('is as its picture shows it: npm run docs:images', () => {
    expect(recordedDigests()[dashboard.uid]).toBe(digestsOf([dashboard])[dashboard.uid]);
  });
});

test('README shows the fleet', () => {
  expect(readFileSync('README.md', 'utf8')).toContain('](docs/images/edge-fleet.webp)');
});
