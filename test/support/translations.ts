import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ENDING = '.zh-CN.md';

/** The path of a page's Chinese version, whether or not it exists. */
export const chineseOf = (path: string): string => path.replace(/\.md$/, ENDING);

/** The path of the English version of a page. */
export const englishOf = (path: string): string =>
  isChinese(path) ? `${path.slice(0, -ENDING.length)}.md` : path;

export const isChinese = (path: string): boolean => path.endsWith(ENDING);

export const hasChinese = (path: string): boolean => existsSync(chineseOf(path));

/** Every page with a Chinese version: the paths of the English ones. */
export const translatedPages = (): string[] =>
  ['.', 'docs'].flatMap((folder) =>
    readdirSync(folder)
      .filter(isChinese)
      .sort()
      .map((name) => englishOf(join(folder, name))),
  );
