import { existsSync, readdirSync, readFileSync } from 'node:fs';
import packageJson from '../../package.json';

const page = readFileSync('docs/architecture.md', 'utf8');
const rows = [...page.matchAll(/^\| (`.+?) \| .+ \|$/gm)].map(([, names = '']) => names);
const named = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));

test('the page says why each dependency is there', () => {
  const { dependencies, devDependencies } = packageJson;
  const unnamed = Object.keys({ ...dependencies, ...devDependencies }).filter(
    (name) => !named.includes(name) && !(name.startsWith('@types/') && named.includes('@types/*')),
  );
  expect(unnamed).toEqual([]);
});

test('the page says what is in each folder of the sources', () => {
  const folders = readdirSync('lib', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `lib/${name}`);
  expect(folders.filter((folder) => !named.includes(folder))).toEqual([]);
});

test('every folder and file that the page names in its table of folders is there', () => {
  const [, table = ''] = page.split('## The folders');
  const first = [...(table.split('##')[0] ?? '').matchAll(/^\| `([^`]+)` \|/gm)].map(([, path]) => path);
  expect(first.length).toBeGreaterThan(10);
  expect(first.filter((path) => !existsSync(path ?? ''))).toEqual([]);
});
