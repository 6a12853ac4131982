import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commentsIn } from '../support/comments';
import { markdown } from '../support/markdown';
import { isChinese } from '../support/translations';
import { type Scope, VOCABULARY } from '../support/vocabulary';

const filesBelow = (folder: string, ending: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();

/** The prose of a page, without its code. */
const proseOf = (path: string): string =>
  markdown
    .parse(readFileSync(path, 'utf8'), {})
    .flatMap(({ children }) => children ?? [])
    .map(({ type, content }) => (type === 'text' ? content : ' '))
    .join('');

const sources = filesBelow('lib', '.ts').map((path) => [path, readFileSync(path, 'utf8')] as const);

const pages = ['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md']
  .concat(readdirSync('docs').map((name) => join('docs', name)))
  .filter((path) => path.endsWith('.md'))
  .map((path) => [path, proseOf(path)] as const);

const PROGRAMS = /\.(?:mjs|sh|awk|lua)$/;
const TOOLS = ['bench', 'scripts', 'preview', 'examples'];
const CODE = /\.(?:ts|mjs|cjs|js|sh)$/;

/** Comments by file, of files below some folders whose names match. */
const commentsBelow = (folders: readonly string[], names: RegExp) =>
  folders
    .flatMap((folder) => filesBelow(folder, ''))
    .filter((path) => names.test(path))
    .map((path) => [path, commentsIn(path)] as const);

/** Texts with a single space where lines or words end. Phrases are found across line ends, also in comments. */
const joinLines = (texts: readonly (readonly [path: string, text: string])[]) =>
  texts.map(([path, text]) => [path, text.replaceAll(/\s+(\*\s+)?/g, ' ')] as const);

/** Texts by file. Of sources, the phrases of the vocabulary only occur in comments and messages. */
const TEXTS: Readonly<Record<Scope, readonly (readonly [path: string, text: string])[]>> = {
  sources: joinLines(sources),
  programs: joinLines(commentsBelow(['lib'], PROGRAMS)),
  tools: joinLines(commentsBelow(TOOLS, CODE)),
  tests: joinLines(commentsBelow(['test'], CODE)),
  runbooks: joinLines(filesBelow('docs/runbooks', '.md').map((path) => [path, proseOf(path)])),
  pages: joinLines(pages.filter(([path]) => !isChinese(path))),
  chinese: joinLines(pages.filter(([path]) => isChinese(path))),
};

test.each(VOCABULARY)('texts say "$term", not $insteadOf', ({ insteadOf, scopes }) => {
  const wrong = (scopes ?? ['sources', 'programs', 'tools', 'tests', 'runbooks', 'pages']).flatMap((scope) =>
    TEXTS[scope].flatMap(([path, text]) => {
      const found = insteadOf.exec(text);
      return found ? [`${path}: ${found[0]}`] : [];
    }),
  );
  expect(wrong).toEqual([]);
});

/** The doc comment before each exported declaration, and the declaration's first line. */
const exported = sources.flatMap(([path, text]) =>
  [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n(export [^\n]*)/g)].map(
    ([, comment = '', line = '']) => ({
      comment: comment
        .replaceAll(/\n\s*\*/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
      line: `${path}: ${line}`,
    }),
  ),
);

test('the doc comment of an exported symbol names what it is, does or returns', () => {
  expect(exported.length).toBeGreaterThan(900);
  const indirect = /^(What|Who|Whom|Which|Whose|Of|That|Where|The same|Likewise|Nobody)\b/;
  expect(exported.filter(({ comment }) => indirect.test(comment)).map(({ line }) => line)).toEqual([]);
});

test('the doc comment of a properties interface says of what', () => {
  const properties = exported.filter(({ line }) => /export interface \w+Props\b/.test(line));
  expect(properties.length).toBeGreaterThan(30);
  expect(
    properties.filter(({ comment }) => !/^Properties for `/.test(comment)).map(({ line }) => line),
  ).toEqual([]);
});

test('the JSDoc of a function in a program begins with a sentence, not with a tag', () => {
  const programs = filesBelow('lib', '.mjs').map((path) => [path, readFileSync(path, 'utf8')] as const);
  expect(programs.length).toBeGreaterThan(60);
  const bare = /\/\*\*[\s*]*@(?:param|returns|throws|template)\b[^\n]*/g;
  expect(
    programs.flatMap(([path, text]) => [...text.matchAll(bare)].map(([line]) => `${path}: ${line}`)),
  ).toEqual([]);
});
