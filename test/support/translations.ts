import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ENDING = '.zh-CN.md';

/** Returns the path of a page's Chinese version, even if that page does not exist. */
export const chineseOf = (path: string): string => path.replace(/\.md$/, ENDING);

/** Returns the path of a page's English version. */
export const englishOf = (path: string): string =>
  isChinese(path) ? `${path.slice(0, -ENDING.length)}.md` : path;

export const isChinese = (path: string): boolean => path.endsWith(ENDING);

export const hasChinese = (path: string): boolean => existsSync(chineseOf(path));

/** Returns the English paths of all pages with a Chinese version. */
export const translatedPages = (): string[] =>
  ['.', 'docs'].flatMap((folder) =>
    readdirSync(folder)
      .filter(isChinese)
      .sort()
      .map((name) => englishOf(join(folder, name))),
  );
