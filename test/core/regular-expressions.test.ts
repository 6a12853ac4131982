import { RE2JS } from 're2js';
import { matchesEmpty, regularExpression } from '../../lib/core/regular-expressions';
import { seeded } from '../fuzz/mutations';

/** Result of RE2 itself. */
function isTaken(expression: string): boolean {
  try {
    RE2JS.compile(expression);
    return true;
  } catch {
    return false;
  }
}

const PARTS = [...'aZ0_:. -|()*+?^$[]{}\\,1', '(?', '\\d', '\\b', '.*', '(a|b)', '{2}', 'é'];

test('an expression is taken exactly where RE2 takes it', () => {
  const random = seeded(1);
  const counts = { taken: 0, refused: 0 };
  for (let round = 0; round < 5_000; round++) {
    const length = Math.ceil(random() * 8);
    const parts = Array.from({ length }, () => PARTS[Math.floor(random() * PARTS.length)]);
    const expression = parts.join('');
    const expected = isTaken(expression);
    counts[expected ? 'taken' : 'refused'] += 1;
    if (regularExpression.accepts(expression) !== expected)
      throw new Error(`${expression} is ${expected ? '' : 'not '}RE2`);
  }
  expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(1_000);
});

test('a long expression that is nearly plain is judged at once', () => {
  expect(regularExpression.accepts(`${'(a|b)*'.repeat(5_000)}(?=a)`)).toBe(false);
});

test.each([
  ['', true],
  ['a*', true],
  ['a|', true],
  ['.+', false],
  ['(?!a)', false],
])('%j matches an empty text: %s', (expression, matches) => {
  expect(matchesEmpty(expression)).toBe(matches);
});
