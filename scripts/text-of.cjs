const { readFileSync } = require('node:fs');
const path = require('node:path');

/** Files that programs of the stack read, which become strings of the program. */
const TEXTS = /\.(awk|conf|html|lua|sh|tmpl|yaml)$/;

/** A line with which a shell script includes one of its parts. */
const PART = /^\. (\.{1,2}\/\S+\.sh)\n/gm;

/**
 * Returns the text of a file with normalized line endings: a checkout on Windows may have CRLF (`core.autocrlf`), which
 * no shell, awk or nginx accepts. A shell script contains its parts, each once, at its first inclusion.
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

/** Only the linter needs to know what a part is. */
const withoutDirective = (part) => part.replace(/^# shellcheck shell=sh\n/, '');

module.exports = { TEXTS, textOf };
