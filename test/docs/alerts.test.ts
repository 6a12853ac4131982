import { readdirSync, readFileSync } from 'node:fs';
import { alertsDocument } from '../../scripts/alerts-overview';
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

test('the tables of docs/alerts.md are those of the rules: npm run docs:alerts', () => {
  expect(readFileSync('docs/alerts.md', 'utf8')).toBe(alertsDocument());
});
