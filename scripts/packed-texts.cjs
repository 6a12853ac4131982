// Compresses texts into one file of the package: the programs and configuration files of manifests, which share most of
// their modules and would be half of the package, and long texts of the library, such as descriptions of alerts. Loading
// the library decompresses the file in 2 ms.
const { createHash } = require('node:crypto');
const { readdirSync } = require('node:fs');
const path = require('node:path');
const { brotliCompressSync } = require('node:zlib');
const { ts } = require('ts-morph');
const { bundleProgram } = require('./bundle-program.cjs');
const { TEXTS, textOf } = require('./text-of.cjs');

const root = path.resolve(__dirname, '..');
const library = path.join(root, 'lib');

const packagePath = (file) => path.relative(root, file).replaceAll(path.sep, '/');

const isProgram = (file) => path.basename(file) === 'main.mjs';

/** Returns the texts that manifests ship, by file name. */
function textsOfManifests() {
  const files = readdirSync(library, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(library, name))
    .filter((file) => TEXTS.test(file) || isProgram(file));
  return files.map((file) => [packagePath(file), isProgram(file) ? bundleProgram(file) : textOf(file)]);
}

/** Minimum length of a text of the library that is compressed. A shorter text would save less than its key needs. */
const LONG = 60;

/** Long texts of the library, by key. */
const longTexts = new Map();

/**
 * Returns the source code of a TypeScript file, with long string literals replaced by references to the compressed
 * file.
 */
function packLongTexts(source, file) {
  const found = [];
  const findTexts = (node) => {
    ts.forEachChild(node, findTexts);
    if (!ts.isStringLiteralLike(node) || node.text.length < LONG || !isExpression(node)) return;
    const key = createHash('sha256').update(node.text).digest('hex').slice(0, 10);
    longTexts.set(key, node.text);
    found.push([node.getStart(), node.end, `packedTexts['${key}']`]);
  };
  findTexts(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true));
  let code = source;
  // From the end, so that the positions before a replaced text stay valid.
  for (const [start, end, reference] of found.sort(([one], [other]) => other - one))
    code = code.slice(0, start) + reference + code.slice(end);
  return found.length ? `${code}\nimport { texts as packedTexts } from 'packed-texts';` : source;
}

/** Returns whether a string literal is a value, and not a type, a name of a property or a part of a tagged template. */
const isExpression = (node) =>
  !ts.isTypeNode(node.parent) && !ts.isTaggedTemplateExpression(node.parent) && node.parent.name !== node;

/** Name of the compressed file, which is next to the library. */
const FILE = 'texts.json.br';

/** Returns the compressed file. Its texts are sorted, so that each machine writes the same file. */
function packedTexts() {
  const texts = [...textsOfManifests(), ...longTexts].sort(([one], [other]) => (one < other ? -1 : 1));
  return brotliCompressSync(JSON.stringify(Object.fromEntries(texts)));
}

const UNPACKING = `
  import { readFileSync } from 'node:fs';
  import { join } from 'node:path';
  import { brotliDecompressSync } from 'node:zlib';
  export const texts = JSON.parse(brotliDecompressSync(readFileSync(join(__dirname, '${FILE}'))).toString());
`;

const moduleSource = (file) => `
  import { texts } from 'packed-texts';
  export default texts['${packagePath(file)}'];
`;

const packed = {
  name: 'packed-texts',
  setup(build) {
    build.onResolve({ filter: /\.mjs\?bundle$/ }, ({ path: name, resolveDir }) => ({
      path: path.join(resolveDir, name.replace(/\?bundle$/, '')),
      namespace: 'packed-text',
    }));
    build.onLoad({ filter: /./, namespace: 'packed-text' }, ({ path: file }) => ({
      contents: moduleSource(file),
    }));
    build.onLoad({ filter: TEXTS }, ({ path: file }) => ({ contents: moduleSource(file), loader: 'js' }));
    build.onResolve({ filter: /^packed-texts$/ }, () => ({
      path: 'packed-texts',
      namespace: 'packed-texts',
    }));
    build.onLoad({ filter: /./, namespace: 'packed-texts' }, () => ({
      contents: UNPACKING,
    }));
  },
};

module.exports = { FILE, packLongTexts, packed, packedTexts };
