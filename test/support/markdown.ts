import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import GithubSlugger from 'github-slugger';
import MarkdownIt, { type Token } from 'markdown-it';

/** Links of a Markdown page, and the anchors in the page. */
export interface Page {
  /** Targets of all links and pictures in the page. */
  readonly links: readonly string[];
  /** Anchors of the page's headings, as GitHub generates them. */
  readonly anchors: ReadonlySet<string>;
}

/** Markdown parser with GitHub's rules. */
export const markdown = new MarkdownIt({ html: true });

/** Returns the paths of all Markdown pages of the project. */
export const markdownPages = (): string[] => [
  ...readdirSync('.').filter(isPage),
  ...['docs', 'examples', 'test', 'bench', '.github']
    .flatMap((folder) => filesIn(folder).map((name) => join(folder, name)))
    .filter(isPage),
];

const isPage = (path: string): boolean => path.endsWith('.md');

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  } catch {
    return [];
  }
}

/** Parses a Markdown page, and returns its links and anchors. */
export function parsePage(path: string): Page {
  const tokens = markdown.parse(readFileSync(path, 'utf8'), {});
  const inline = tokens.flatMap(({ children }) => children ?? []);
  return {
    links: [...inline.flatMap(linkTarget), ...[...tokens, ...inline].flatMap(htmlLinks)],
    anchors: headingAnchors(tokens),
  };
}

/** Returns the headings of a parsed page, with level and text. */
export const pageHeadings = (tokens: readonly Token[]): { level: number; text: string }[] =>
  tokens.flatMap(({ type, tag }, at) =>
    type === 'heading_open' ? [{ level: Number(tag.slice(1)), text: headingText(tokens[at + 1]) }] : [],
  );

const headingText = (heading: Token | undefined): string =>
  (heading?.children ?? []).map(({ content }) => content).join('');

function headingAnchors(tokens: readonly Token[]): Set<string> {
  const slugger = new GithubSlugger();
  return new Set(pageHeadings(tokens).map(({ text }) => slugger.slug(text)));
}

function linkTarget(token: Token): string[] {
  const link = token.attrGet('href') ?? token.attrGet('src');
  return link === null ? [] : [decodeURI(String(link))];
}

const htmlLinks = ({ type, content }: Token): string[] =>
  type.startsWith('html_')
    ? [...content.matchAll(/\b(?:href|src)="([^"]+)"/g)].map(([, link]) => link ?? '')
    : [];
