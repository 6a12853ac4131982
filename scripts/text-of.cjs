const { readFileSync } = require('node:fs');
const path = require('node:path');

/** Extensions of files that become strings in programs of this project. */
const TEXTS = /\.(awk|conf|html|lua|sh|tmpl|yaml)$/;

/** A line with which a shell script includes another script: `. ../prelude.sh`. */
const PART = /^\. (\.{1,2}\/\S+\.sh)\n/gm;

/**
 * Returns the text of a file with line feeds as line ends. A checkout on Windows may have CRLF (`core.autocrlf`), which
 * shells, awk and nginx do not accept. In a shell script, each included script replaces the first line that includes
 * it; further lines are removed.
 * @param joined is filled with the paths of the file and of all included files
 */
function textOf(file, joined = new Set()) {
  joined.add(file);
  const text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  if (!file.endsWith('.sh')) return text;
  return text
    .replace(PART, (_, name) => {
      const part = path.resolve(path.dirname(file), name);
      return joined.has(part) ? '' : `${removeShellDirective(textOf(part, joined))}\n`;
    })
    .replace(/\n{3,}/g, '\n\n')
    .replace(/\n+$/, '\n');
}

/** Removes the comment that tells shellcheck the shell of an included script. */
const removeShellDirective = (part) => part.replace(/^# shellcheck shell=sh\n/, '');

module.exports = { TEXTS, textOf };
