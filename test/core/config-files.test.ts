import { renderIni } from '../../lib/core/config-files';
import { yaml } from '../../lib/core/yaml';

test('a configuration becomes YAML without anchors and without folded lines', () => {
  const shared = { long: 'x '.repeat(100).trim() };
  expect(yaml({ a: shared, b: shared })).toBe(`a:\n  long: ${shared.long}\nb:\n  long: ${shared.long}\n`);
});

test('a configuration becomes INI, section by section', () => {
  expect(renderIni({ a: { b: 1, c: true }, d: { e: 'f' } })).toBe('[a]\nb = 1\nc = true\n\n[d]\ne = f\n');
});
