import * as rules from '../../lib/core/option-rules';
import {
  checksOfListMembers,
  formatValue,
  InvalidOptionError,
  ruleViolationText,
  validateOptions,
} from '../../lib/core/validation';

test('an error names every option that breaks its rule, what was given and what is allowed', () => {
  const check = () =>
    validateOptions('here', {
      port: [0, rules.port],
      interval: ['2h', rules.interval],
      ok: [undefined, rules.port],
    });
  expect(check).toThrow(InvalidOptionError);
  expect(check).toThrow(
    'here: port is 0; allowed: a whole number from 1 to 65535; ' +
      'interval is "2h"; allowed: a duration from "1s" to "1h", such as "10s"',
  );
});

test('an error does not repeat the password of a URL', () => {
  const message = ruleViolationText('host', 'https://user:hunter2@push.example.com', rules.hostName);
  expect(message).not.toContain('hunter2');
  expect(message).toContain('//***@push.example.com');
});

test.each<[string, unknown]>([
  ['undefined', undefined],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['10n', 10n],
  ['[Function: build]', function build() {}],
  ['<ref *1> [ [Circular *1] ]', cycle()],
])('what JSON has no words for is shown, too: %s', (text, value) => {
  expect(formatValue(value)).toBe(text);
});

function cycle(): unknown[] {
  const list: unknown[] = [];
  list.push(list);
  return list;
}

test('an error shows a long value by its beginning', () => {
  expect(formatValue('x'.repeat(500)).length).toBeLessThanOrEqual(120);
});

test('an option of a member of a list is named by its place', () => {
  const checks = checksOfListMembers('services', [{ port: 80 }, { port: 0 }], ({ port }) => ({
    port: [port, rules.port],
  }));
  expect(() => validateOptions('here', checks)).toThrow(
    'here: services[1].port is 0; allowed: a whole number',
  );
});
