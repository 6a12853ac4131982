const { readFileSync } = require('node:fs');
const path = require('node:path');

/** Files that programs of the stack read: they become texts of the program. */
const TEXTS = /\.(awk|conf|html|lua|sh|tmpl|yaml)$/;

/** A line by which a shell script names a part of it, as the shell does. */
const PART = /^\. (\.{1,2}\/\S+\.sh)\n/gm;

/**
 * What a file says, whatever ends its lines. A checkout on Windows may have CRLF (`core.autocrlf`), and no shell, awk or nginx
 * would run what was made of that. A shell script has its parts in it, each once, where it is named first.
 */
function textOf(file, joined = new Set()) {
  joined.add(file);
  const text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  if (!file.endsWith('.sh')) return text;
  return text
    .replace(PART, (_, name) => {
      const part = path.resolve(path.dirname(file), name);
      return joined.has(part) ? '' : `${withoutDirective(textOf(part, joined))}\n`;
    })
    .replace(/\n{3,}/g, '\n\n')
    .replace(/\n+$/, '\n');
}

/** Only the linter needs to be told what a part is. */
const withoutDirective = (part) => part.replace(/^# shellcheck shell=sh\n/, '');

module.exports = { TEXTS, textOf };
