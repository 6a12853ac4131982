import { existsSync, readdirSync, readFileSync } from 'node:fs';
import packageJson from '../../package.json';

const page = readFileSync('docs/architecture.md', 'utf8');

/** Names in the first column of the tables of a page. */
function namedBy(text: string): string[] {
  const rows = [...text.matchAll(/^\| (`.+?) \| .+ \|$/gm)].map(([, names = '']) => names);
  return rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

test('the page of decisions says why each dependency is there', () => {
  const named = namedBy(readFileSync('docs/decisions.md', 'utf8'));
  const { dependencies, devDependencies } = packageJson;
  const unnamed = Object.keys({ ...dependencies, ...devDependencies }).filter(
    (name) => !named.includes(name) && !named.includes(name.replace(/\/.*/, '/*')),
  );
  expect(unnamed).toEqual([]);
});

test('the page says what is in each folder of the sources, on one screen', () => {
  const named = namedBy(page);
  const folders = readdirSync('lib', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `lib/${name}`);
  expect(folders.filter((folder) => !named.includes(folder))).toEqual([]);
  const [section = ''] = page.split('## The folders')[1]?.split('\n## ') ?? [];
  expect(section.split('\n').length).toBeLessThanOrEqual(60);
});

test('every folder and file that the page names in its table of folders is there', () => {
  const [, table = ''] = page.split('## The folders');
  const first = [...(table.split('##')[0] ?? '').matchAll(/^\| `([^`]+)` \|/gm)].map(([, path]) => path);
  expect(first.length).toBeGreaterThan(10);
  expect(first.filter((path) => !existsSync(path ?? ''))).toEqual([]);
});
