import { readFileSync } from 'node:fs';
import { summary } from '../../lib/synthesis/summary';
import { allAlerts } from '../support/all-rules';
import { codeBlocks } from '../support/code-blocks';
import { load } from '../support/manifests';

const readme = readFileSync('README.md', 'utf8');

/** What a synthesis says of a committed environment. */
function saidOf(name: string): string {
  const charts = ['cloud', 'edge', 'gitops'];
  const objects = charts.flatMap((chart) =>
    load(`dist/${name}/${chart}`).map((manifest) => ({
      ...{ chart, manifest, yaml: '' },
      file: manifest.metadata.name,
    })),
  );
  return summary([{ name, objects }], 'dist', { changed: 0, removed: 0, unchanged: 0 });
}

test('what the README says comes out, is what npm run synth says', () => {
  const [said] = codeBlocks('README.md').filter(({ language }) => language === '');
  const lines = said?.code.trimEnd().split('\n') ?? [];
  expect(lines.length).toBeGreaterThan(2);
  expect(saidOf('reference').split('\n')).toEqual(expect.arrayContaining(lines));
});

test('the README counts the alerts and the dashboards that there are', () => {
  const dashboards = load('dist/reference/cloud').filter(({ metadata }) =>
    metadata.name.startsWith('grafana-dashboard-'),
  );
  expect(readme).toContain(`[${allAlerts.length} alerts, each with a runbook]`);
  expect(readme).toContain(`[${dashboards.length} dashboards]`);
  expect(readme).toContain(`| ${allAlerts.length} and ${dashboards.length},`);
});

test('the figures of the README are those of the page of all figures', () => {
  const rowsOf = (text: string) => text.split('\n').filter((line) => /`(sudo )?npm run bench:/.test(line));
  const all = rowsOf(readFileSync('docs/figures.md', 'utf8'));
  expect(rowsOf(readme).length).toBeGreaterThan(4);
  expect(all).toEqual(expect.arrayContaining(rowsOf(readme)));
});
