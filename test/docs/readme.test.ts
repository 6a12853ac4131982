import { readFileSync } from 'node:fs';
import { formatSynthesisSummary } from '../../lib/tools/synthesis/summary';
import { allAlerts } from '../support/all-rules';
import { codeBlocks } from '../support/code-blocks';
import { type ExampleName, exampleManifests, exampleObjects } from '../support/examples';

const readme = readFileSync('README.md', 'utf8');
const comparison = readFileSync('docs/comparison.md', 'utf8');

/** Returns the output of a synthesis of an example. */
function saidOf(name: ExampleName): string {
  return formatSynthesisSummary([{ name, objects: exampleObjects(name) }], 'dist', {
    changed: 0,
    removed: 0,
    unchanged: 0,
  });
}

test('what the README says comes out, is what npm run synth says', () => {
  const [said] = codeBlocks('README.md').filter(({ language }) => language === '');
  const shown = said?.code.trimEnd().split('\n') ?? [];
  expect(shown.length).toBeGreaterThan(2);
  expect(saidOf('reference').split('\n')).toEqual(expect.arrayContaining(shown));
});

test('the README and the comparison count the alerts and the dashboards that there are', () => {
  const dashboards = exampleManifests('reference', 'cloud').filter(({ metadata }) =>
    metadata.name.startsWith('grafana-dashboard-'),
  );
  expect(readme).toContain(`[${allAlerts.length} alerts, each with a runbook]`);
  expect(readme).toContain(`[${dashboards.length} dashboards]`);
  expect(comparison).toContain(`| ${allAlerts.length} alerts and ${dashboards.length} dashboards,`);
});

const numbersOf = (text: string): string[] => text.match(/\d[\d.,]*\d|\d/g) ?? [];
const lines = (text: string): string[] => text.split('\n');

test('each figure of the README, and of the comparison, has all its numbers in one section of the page of all figures', () => {
  const sections = readFileSync('docs/figures.md', 'utf8')
    .split(/^#{2,3} /m)
    .filter((section) => section.includes('npm run bench:'))
    .map(numbersOf);
  const [, section = ''] = /Some of the \[figures\][^\n]*\n\n((?:- .*\n)+)/.exec(readme) ?? [];
  const said = [
    ...lines(section.trimEnd()),
    ...lines(comparison)
      .filter((line) => line.includes('uplink'))
      .map((line) => line.replaceAll(/\(\S+\)/g, '')),
  ];
  expect(said.length).toBeGreaterThan(4);
  const others = said.filter(
    (one) => !sections.some((numbers) => numbersOf(one).every((number) => numbers.includes(number))),
  );
  expect(others).toEqual([]);
});
