import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { bundleProgram } from '../scripts/bundle-program.cjs';

/** Modules of JavaScript in lib: all of them are parts of programs that manifests ship. */
const MODULES = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.mjs'))
  .map((name) => join('lib', name));
const PROGRAMS = MODULES.filter((file) => file.endsWith('/main.mjs'));
const LIBRARY = 'lib/programs';

/** Modules of its runtime that a program may import beside `node:`: in nginx, QuickJS knows `fs` by this name only. */
const OF_RUNTIME: Readonly<Record<string, readonly string[]>> = {
  'lib/edge/metrics-agent/push-listener/main.mjs': ['fs'],
};

const importsIn = (text: string): string[] =>
  [...text.matchAll(/^(?:import|export)\b[^'"]*?['"]([^'"]+)['"]/gm)].map(([, name = '']) => name);

/** A module and all that it imports. */
function reachedFrom(file: string, reached = new Set<string>()): Set<string> {
  if (reached.has(file)) return reached;
  reached.add(file);
  for (const name of importsIn(readFileSync(file, 'utf8'))) {
    if (name.startsWith('.')) reachedFrom(normalize(join(dirname(file), name)), reached);
  }
  return reached;
}

test('each module is part of a program', () => {
  expect(PROGRAMS.length).toBeGreaterThan(4);
  const reached = new Set(PROGRAMS.flatMap((program) => [...reachedFrom(program)]));
  expect(MODULES.filter((file) => !reached.has(file))).toEqual([]);
});

test.each(PROGRAMS)(
  '%s takes modules of its folder, of the library and of its runtime, and no packages',
  (program) => {
    const places = [...reachedFrom(program)].map((file) => dirname(file));
    expect([...new Set(places)].sort()).toEqual([dirname(program), LIBRARY].sort());
    const text = bundleProgram(program);
    expect(importsIn(text).filter((name) => !name.startsWith('node:'))).toEqual(OF_RUNTIME[program] ?? []);
  },
);

test.each(PROGRAMS)('%s is shipped in words that can be read, the same each time', (program) => {
  const text = bundleProgram(program);
  expect(text).toContain(`// Bundled from ${program} and its imports`);
  expect(text).toContain(`\n// ${program}\n`);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(300);
  expect(bundleProgram(program)).toBe(text);
});
