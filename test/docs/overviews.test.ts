import { readdirSync, readFileSync } from 'node:fs';
import { namesWithChineseText } from '../../scripts/alert-tables';
import { overviews, renderOverview } from '../../scripts/overviews';
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
  expect(text.slice(text.lastIndexOf('## Mitigation'))).toMatch(/alert (itself never )?resolves/);
});

test.each(Object.keys(overviews))(
  'the tables of %s are those of the sources: npm run docs:overviews',
  (path) => {
    expect(readFileSync(path, 'utf8')).toBe(renderOverview(path));
  },
);

/** Rows of the tables of alerts and recording rules, by the name of the rule. */
const ruleRowsOf = (path: string): Map<string, string> =>
  new Map(
    [...readFileSync(path, 'utf8').matchAll(/^\| (?:\[(\w+)\]\(runbooks|`(\w+:[\w:]+)`).*$/gm)].map(
      ([row, alert, metric]) => [alert ?? metric ?? '', row],
    ),
  );

test('the Chinese table of thresholds has no English text', () => {
  const [, thresholds = ''] = readFileSync('docs/alerts.zh-CN.md', 'utf8').split('## 阈值');
  const rows = thresholds.match(/^\| `.*$/gm) ?? [];
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter((row) => /\b(number|from|percent|nodes|seconds)\b/.test(row))).toEqual([]);
});

describe('the Chinese texts of scripts/alerts.zh-CN.json', () => {
  const rows = ruleRowsOf('docs/alerts.md');

  test('are those of all alerts and recording rules', () => {
    expect(rows.size).toBeGreaterThan(100);
    expect(namesWithChineseText().sort()).toEqual([...rows.keys()].sort());
  });

  test('name the same labels and values as the English ones', () => {
    const labelsOf = (row = '') => (row.match(/\*\w+\*/g) ?? []).sort();
    const chinese = ruleRowsOf('docs/alerts.zh-CN.md');
    const different = [...rows].filter(
      ([name, row]) => labelsOf(row).join() !== labelsOf(chinese.get(name)).join(),
    );
    expect(different.map(([name]) => name)).toEqual([]);
  });
});
