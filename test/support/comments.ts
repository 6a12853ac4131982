import { readFileSync } from 'node:fs';

const MARKS: Readonly<Record<string, RegExp>> = {
  sh: /^\s*# ?|\s# (?=[A-Z])/,
  awk: /^\s*# ?/,
  lua: /^\s*-- ?/,
};
const CODE = /^\s*(?:\/\*\*?|\*\/?|\/\/) ?|\s\/\/ (?=[A-Z])/;

/** Returns the text of all comments in a source file as one line. Each line of code becomes a full stop. */
export function commentsIn(path: string): string {
  const mark = MARKS[path.split('.').at(-1) ?? ''] ?? CODE;
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => {
      const found = mark.exec(line);
      return found ? line.slice(found.index + found[0].length).replace(/\*\/$/, '') : '.';
    })
    .join(' ');
}
