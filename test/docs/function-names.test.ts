import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { functionsIn } from '../support/function-names';

const sourcesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|mjs)$/.test(name) && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name))
    .sort();

const FOLDERS = ['lib', 'scripts', 'bench', 'preview', 'test/support'];

const functions = FOLDERS.flatMap(sourcesBelow).flatMap((path) =>
  functionsIn(path).map((one) => ({ path, ...one })),
);

/** Participles, prepositions and pronouns: as the name of a function they say neither what it does nor what it returns. */
const WORDS = [
  'shown|told|said|asked|given|taken|made|held|chosen|written|drawn|found|known|kept|lost|sent|left|gone|built|spent|split',
  'of|in|at|by|for|from|to|with|without|besides|below|beyond|apart|elsewhere|anew',
  'this|that|what|where|other|others|some|only|hand|look|foreigners',
].join('|');
const INDIRECT = new RegExp(`^(?:${WORDS}|[a-z]+ed)$|^(?:of|by|in|at|beyond|besides|until)[A-Z]`);

/** Names of others: static factories of CDK, rules of options, the public API, and types of numbers. */
const ALLOWED = ['required', 'replicated', 'signed', 'unsigned'];

test('a function has a verb, or the noun of what it returns, as its name', () => {
  expect(functions.length).toBeGreaterThan(2_000);
  const wrong = functions.filter(
    ({ name, isMethod }) => INDIRECT.test(name) && !ALLOWED.includes(name) && !(isMethod && name === 'of'),
  );
  expect(wrong.map(({ path, name }) => `${path}: ${name}`)).toEqual([]);
});

test('no two modules of the library export functions of the same name', () => {
  const pathsByName = new Map<string, string[]>();
  for (const { path, name, isExported } of functions) {
    if (!isExported || !/^lib\/.*\.ts$/.test(path)) continue;
    pathsByName.set(name, [...(pathsByName.get(name) ?? []), path]);
  }
  expect([...pathsByName].filter(([, paths]) => paths.length > 1)).toEqual([]);
});
