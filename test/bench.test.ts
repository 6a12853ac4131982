import { readdirSync, readFileSync } from 'node:fs';
import { formatMedianAndRange, Table } from '../bench/support/main';
import packageJson from '../package.json';

const benchmarks = readdirSync('bench').filter((name) => name.endsWith('.ts'));

test('a table has its headings above the first row, and columns below each other', () => {
  const lines: string[] = [];
  jest.spyOn(console, 'log').mockImplementation((line) => lines.push(line));
  const table = new Table([
    ['group', 8],
    ['rules', 5],
    ['seconds', 7],
  ]);
  expect(lines).toEqual([]);
  table.addRow('edge', 12, '0.125');
  table.addRow('cloud', 3);
  expect(lines).toEqual(['group     rules  seconds', 'edge         12    0.125', 'cloud         3']);
});

test('figures of several rounds are shown as the median, the least and the most', () => {
  expect(formatMedianAndRange([3, 1, 2])).toBe('2.00 (1.00 to 3.00)');
});

test.each(benchmarks)(
  '%s has a script, and takes its arguments, its table and its exit code from one place',
  (name) => {
    expect(packageJson.scripts).toHaveProperty(`bench:${name.replace('.ts', '')}`);
    const source = readFileSync(`bench/${name}`, 'utf8');
    expect(source).toContain(`from './support/main'`);
    expect(source).not.toMatch(/parseArgs|process\.(argv|exitCode)|console\.error|padStart\(\d+\)\}/);
  },
);
