import { readdirSync, readFileSync } from 'node:fs';
import { documentOf, overviews } from '../../scripts/overviews';
import { allAlerts } from '../support/all-rules';

const RUNBOOKS = 'docs/runbooks';
const pages = readdirSync(RUNBOOKS);

test('every alert has a runbook, and every runbook an alert', () => {
  expect([...pages].sort()).toEqual(allAlerts.map(({ runbook }) => runbook).sort());
  expect(allAlerts.filter(({ alert, runbook }) => runbook !== `${alert}.md`)).toEqual([]);
});

test.each(pages)('%s has the form of a runbook', (page) => {
  const text = readFileSync(`${RUNBOOKS}/${page}`, 'utf8');
  expect(text.match(/^#+ .*/gm)).toEqual([
    `# ${page.replace('.md', '')}`,
    '## What it means',
    '## Impact',
    '## Diagnosis',
    '## Mitigation',
  ]);
  for (const part of text.split(/^#+ .*$/m).slice(2)) expect(part.trim()).not.toBe('');
});

test.each(Object.keys(overviews))(
  'the tables of %s are those of the sources: npm run docs:overviews',
  (path) => {
    expect(readFileSync(path, 'utf8')).toBe(documentOf(path));
  },
);
