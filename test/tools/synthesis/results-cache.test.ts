import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BundledProgram } from '../../support/bundled-program';

const DOUBLED = `
import { memoize, textItselfAsCacheKey } from '../core/memoize';
export const computed: string[] = [];
const of = memoize('doubled', (word: string) => {
  computed.push(word);
  return require('marked').mark(word + word);
}, textItselfAsCacheKey);
export const doubled = (words: string[]) => \`\${words.map(of)}, computed: \${computed}\`;
`;

const MARK = "exports.mark = (text) => text + '!';\n";

let program: BundledProgram;

beforeEach(() => {
  program = new BundledProgram({
    'lib/doubled/index.ts': DOUBLED,
    'environments/words.ts': "export const words = ['one', 'two'];\n",
    'main.ts': [
      "import { words } from './environments/words';",
      "import { doubled } from './lib/doubled';",
      'console.log(doubled(words));',
    ].join('\n'),
    'node_modules/marked/index.js': MARK,
  });
  mkdirSync(join(program.folder, 'lib/core'));
  copyFileSync('lib/core/memoize.ts', join(program.folder, 'lib/core/memoize.ts'));
});

afterEach(() => program.remove());

const ALL = 'oneone!,twotwo!, computed: one,two';
const NONE = 'oneone!,twotwo!, computed:';

test('a second run computes nothing again, and after a change of an environment only what is new', () => {
  expect([program.run(), program.run()]).toEqual([ALL, NONE]);
  program.write('environments/words.ts', "export const words = ['two', 'three'];\n");
  expect(program.run()).toBe('twotwo!,threethree!, computed: three');
  expect(program.run()).toBe('twotwo!,threethree!, computed:');
});

test('a changed source of the library, or a changed package, has all computed again', () => {
  expect([program.run(), program.run()]).toEqual([ALL, NONE]);
  program.write('lib/doubled/index.ts', DOUBLED.replace('word + word', "word + '-' + word"));
  expect(program.run()).toBe('one-one!,two-two!, computed: one,two');
  expect(program.run()).toBe('one-one!,two-two!, computed:');
  program.write('node_modules/marked/index.js', MARK.replace('!', '?'));
  expect(program.run()).toBe('one-one?,two-two?, computed: one,two');
});

test('a damaged file of results is not read, and written again', () => {
  program.run();
  const file = program.findCachedFile('.results');
  const whole = readFileSync(file);
  const damages = [
    () => writeFileSync(file, ''),
    () => writeFileSync(file, whole.subarray(0, whole.length / 2)),
    () => writeFileSync(file, whole.toString('latin1').replace('oneone', 'oneten'), 'latin1'),
    () => appendFileSync(file, 'more'),
  ];
  for (const damage of damages) {
    damage();
    expect(program.run()).toBe(ALL);
  }
  expect(program.run()).toBe(NONE);
});

test('runs side by side do not disturb each other', async () => {
  const printed = await program.runConcurrently(4);
  for (const one of printed) expect([ALL, NONE]).toContain(one);
  expect(program.run()).toBe(NONE);
});
