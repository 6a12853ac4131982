import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { textOf } from '../scripts/text-of.cjs';

/** Shell scripts that ship, and the parts that several of them have in common. */
const FILES = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.sh'))
  .map((name) => join('lib', name));
const SCRIPTS = FILES.filter((file) => readFileSync(file, 'utf8').startsWith('#!/bin/sh\n'));

const functionsIn = (text: string): string[] =>
  [...text.matchAll(/^(\w+)\(\) \{$/gm)].map(([, name = '']) => name);

test.each(SCRIPTS)('%s has its parts in it, each once', (script) => {
  const text = textOf(script);
  const functions = functionsIn(text);
  expect(functions.length).toBeGreaterThan(1);
  expect(functions.filter((name, at) => functions.indexOf(name) !== at)).toEqual([]);
  expect(text).not.toMatch(/^(\.|source) /m);
  expect(text.match(/^# shellcheck shell/gm)).toBeNull();
});

test('scripts share what they have in common: no function is written twice in the same words', () => {
  const bodies = FILES.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^\w+\(\) \{\n.*?^\}$/gms)].map(([body]) => body),
  );
  expect(bodies.length).toBeGreaterThan(50);
  expect(bodies.filter((body, at) => bodies.indexOf(body) !== at)).toEqual([]);
});
