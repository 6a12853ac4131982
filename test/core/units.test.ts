import { type Duration, type Quantity, toBytes, toSeconds } from '../../lib/core/units';

test.each([
  ['1s', 1],
  ['5m', 300],
  ['2h', 7_200],
  ['15d', 1_296_000],
  ['1w', 604_800],
  ['1y', 31_536_000],
])('%s are %i seconds', (duration, expected) => expect(toSeconds(duration as Duration)).toBe(expected));

test.each([
  ['1Ki', 1_024],
  ['64Mi', 67_108_864],
  ['1.5Gi', 1_610_612_736],
  ['1Ti', 1_099_511_627_776],
])('%s are %i bytes', (quantity, expected) => expect(toBytes(quantity as Quantity)).toBe(expected));

test('what has no unit is no amount', () => {
  expect(toSeconds('10' as Duration)).toBeNaN();
  expect(toBytes('10' as Quantity)).toBeNaN();
});
