import { existsSync, readFileSync } from 'node:fs';

const page = readFileSync('test/e2e/README.md', 'utf8');
const proofs = [...page.matchAll(/^\| .+ \| `([a-z][\w/-]+)`: (.+) \|$/gm)].map(
  ([, file = '', name = '']) => [file, name] as const,
);

test('each attack has a proof', () => {
  expect(proofs.length).toBeGreaterThanOrEqual(20);
});

test.each(proofs)('%s has the test that is named: %s', (file, name) => {
  const tests = readFileSync(`test/e2e/${file}.test.ts`, 'utf8');
  const quoted = tests.replaceAll("\\'", "'");
  expect(quoted).toMatch(
    new RegExp(`test(\\.each\\(.*?\\))?\\(\\s*['\`]${name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`, 's'),
  );
});

test('unit tests that are named are there', () => {
  for (const [, file] of page.matchAll(/`(test\/(?:cloud|process|commands)\/[\w-]+)`/g)) {
    expect(existsSync(`${file}.test.ts`)).toBe(true);
  }
});
