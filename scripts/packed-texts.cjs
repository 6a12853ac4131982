// Compresses the texts that manifests ship into one file of the package, because programs share most of their modules
// and would be half of its code. They are decompressed in 2 ms when the library is loaded.
const { readdirSync } = require('node:fs');
const path = require('node:path');
const { brotliCompressSync } = require('node:zlib');
const { bundleProgram } = require('./bundle-program.cjs');
const { TEXTS, textOf } = require('./text-of.cjs');

const root = path.resolve(__dirname, '..');
const library = path.join(root, 'lib');

const nameOf = (file) => path.relative(root, file).replaceAll(path.sep, '/');

const isProgram = (file) => path.basename(file) === 'main.mjs';

/** Returns the texts of the library by file name, in the same order on each machine. */
function textsOfLibrary() {
  const files = readdirSync(library, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(library, name))
    .filter((file) => TEXTS.test(file) || isProgram(file));
  const texts = files.map((file) => [nameOf(file), isProgram(file) ? bundleProgram(file) : textOf(file)]);
  return Object.fromEntries(texts.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The file beside the library that contains them. */
const FILE = 'texts.json.br';

const packedTexts = () => brotliCompressSync(JSON.stringify(textsOfLibrary()));

const UNPACKING = `
  import { readFileSync } from 'node:fs';
  import { join } from 'node:path';
  import { brotliDecompressSync } from 'node:zlib';
  export const texts = JSON.parse(brotliDecompressSync(readFileSync(join(__dirname, '${FILE}'))).toString());
`;

const textIn = (file) => `
  import { texts } from 'packed-texts';
  export default texts['${nameOf(file)}'];
`;

const packed = {
  name: 'packed-texts',
  setup(build) {
    build.onResolve({ filter: /\.mjs\?bundle$/ }, ({ path: name, resolveDir }) => ({
      path: path.join(resolveDir, name.replace(/\?bundle$/, '')),
      namespace: 'packed-text',
    }));
    build.onLoad({ filter: /./, namespace: 'packed-text' }, ({ path: file }) => ({ contents: textIn(file) }));
    build.onLoad({ filter: TEXTS }, ({ path: file }) => ({ contents: textIn(file), loader: 'js' }));
    build.onResolve({ filter: /^packed-texts$/ }, () => ({
      path: 'packed-texts',
      namespace: 'packed-texts',
    }));
    build.onLoad({ filter: /./, namespace: 'packed-texts' }, () => ({
      contents: UNPACKING,
    }));
  },
};

module.exports = { FILE, packed, packedTexts };
