import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BundledProgram } from '../../support/bundled-program';

let program: BundledProgram;

beforeEach(() => {
  program = new BundledProgram({
    'lib/word/index.ts': "export const word: string = 'first';\n",
    'lib/program/part.mjs': "export const part = 'of a program';\n",
    'lib/program/main.mjs': "import { part } from './part.mjs';\nconsole.log(part);\n",
    'main.ts': [
      "import { word } from './lib/word';",
      "import program from './lib/program/main.mjs?bundle';",
      'interface Unused { readonly lines: string }',
      "if (word === 'broken') throw new Error(word);",
      'console.log(word, /part = (.*);/.exec(program)?.[1]);',
    ].join('\n'),
  });
});

afterEach(() => program.remove());

/** Changes the cached bundle so that it prints something else. The entry of the cache remains valid. */
function replaceKeptBundle(): void {
  const code = readFileSync(program.findCachedFile('.js'), 'utf8').replace('first', 'kept!');
  const entry = JSON.parse(readFileSync(program.findCachedFile(''), 'utf8'));
  writeFileSync(program.findCachedFile('.js'), code);
  rmSync(program.findCachedFile('.v8'));
  writeFileSync(`${program.findCachedFile('')}.v8`, '');
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  writeFileSync(
    program.findCachedFile(''),
    JSON.stringify({ ...entry, code: digest(code), compiled: digest('') }),
  );
}

test('a second run takes the bundle that the first one kept, until a source changes', () => {
  expect(program.run()).toBe('first "of a program"');
  replaceKeptBundle();
  expect(program.run()).toBe('kept! "of a program"');
  program.write('lib/program/part.mjs', "export const part = 'changed';\n");
  expect(program.run()).toBe('first "changed"');
  // A file comes before a folder of its name.
  program.write('lib/word.ts', "export const word = 'before';\n");
  expect(program.run()).toBe('before "changed"');
  rmSync(join(program.folder, 'lib/word.ts'));
  expect(program.run()).toBe('first "changed"');
});

test('a module of a program and a part of a script are sources, also in folders without TypeScript', () => {
  program.write('lib/modules/far.mjs', "export const far = 'far';\n");
  program.write(
    'lib/program/part.mjs',
    "import { far } from '../modules/far.mjs';\nexport const part = far;\n",
  );
  program.write('lib/script/main.sh', '. ../parts/part.sh\n');
  program.write('lib/parts/part.sh', 'echo part\n');
  program.write(
    'main.ts',
    [
      "import program from './lib/program/main.mjs?bundle';",
      "import script from './lib/script/main.sh';",
      'console.log(/far = "(.*)";/.exec(program)?.[1], script.trim());',
    ].join('\n'),
  );
  expect(program.run()).toBe('far echo part');
  program.write('lib/modules/far.mjs', "export const far = 'changed';\n");
  expect(program.run()).toBe('changed echo part');
  program.write('lib/parts/part.sh', 'echo changed\n');
  expect(program.run()).toBe('changed echo changed');
});

test('a damaged bundle is bundled again', () => {
  for (const end of ['', '.js', '.v8']) {
    expect(program.run()).toBe('first "of a program"');
    const damaged = readFileSync(program.findCachedFile(end));
    writeFileSync(program.findCachedFile(end), damaged.subarray(0, damaged.length / 2));
    expect(program.run()).toBe('first "of a program"');
    expect(readFileSync(program.findCachedFile(end)).length).toBeGreaterThan(damaged.length / 2 + 1);
  }
});

test('where nothing can be kept, the program runs all the same', () => {
  program.write('node_modules/.cache', '');
  expect(program.run()).toBe('first "of a program"');
  expect(program.run()).toBe('first "of a program"');
  mkdirSync(join(program.folder, 'lib/word/folder.json'));
  expect(program.run()).toBe('first "of a program"');
});

test('a stack trace names the sources, from a new bundle and from one that was kept', () => {
  program.write('lib/word/index.ts', "export const word: string = 'broken';\n");
  for (const _ of ['new', 'kept']) {
    expect(program.run()).toMatch(/Error: broken\n {4}at .*main\.ts:4:30\)/);
  }
});
