import { Yaml } from 'cdk8s';
import { parse } from 'yaml';
import { yaml } from '../../lib/core/yaml';
import { seeded } from '../fuzz/mutations';
import { loadManifests } from '../support/manifests';

/** Parts of texts that affect quoting in YAML. */
const PARTS = [
  ...[
    'a',
    'Ab',
    'yes',
    'NO',
    'off',
    'y',
    'null',
    '~',
    '=',
    '<<',
    '0',
    '1e3',
    '0x1f',
    '1_0',
    '12:30:45',
    '2026-01-31',
    '.inf',
  ],
  ...[
    ' ',
    '  ',
    ': ',
    ' #',
    ':',
    '#',
    '-',
    '- ',
    '--- ',
    '...',
    '?',
    '? ',
    ',',
    '[',
    ']',
    '{',
    '}',
    '&',
    '*',
    '!',
    '|',
    '>',
  ],
  ...[
    "'",
    '"',
    '%',
    '@',
    '`',
    '\\',
    '/',
    '$',
    '\n',
    '\n\n',
    '\t',
    '\r',
    '\u0000',
    '\u0085',
    '\u2028',
    'é',
    '中',
    '\ud800',
  ],
  ...['word '.repeat(30), 'x'.repeat(1_100)],
];

const NUMBERS = [null, true, false, 0, 1.5, -7, 1e21, 2 ** 53];

/** Random values, the same ones for each seed. */
class RandomValues {
  private readonly next: () => number;

  constructor(seed: number) {
    this.next = seeded(seed);
  }

  text(): string {
    return this.some(6, () => this.one(PARTS)).join('');
  }

  /** Returns a name. At the first depth only, cdk8s quotes a name that could end a document. */
  name(): string {
    return this.text().replaceAll(/[-.%]/g, '');
  }

  value(depth: number): unknown {
    const kind = this.below(depth > 0 ? 8 : 5);
    if (kind === 0) return this.one(NUMBERS);
    if (kind < 5) return this.text();
    const members = this.some(4, () => this.value(depth - 1));
    return kind === 5 ? members : Object.fromEntries(members.map((member) => [this.name(), member]));
  }

  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most) }, make);
  }

  private one<T>(values: readonly T[]): T | undefined {
    return values[this.below(values.length)];
  }

  private below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
}

test('every manifest is written as cdk8s writes it', () => {
  const objects = loadManifests('dist');
  expect(objects.length).toBeGreaterThan(100);
  expect(objects.map(yaml)).toEqual(objects.map((object) => Yaml.stringify(object)));
});

test('random texts, names, lists and objects are written as cdk8s writes them', () => {
  const random = new RandomValues(1);
  for (let round = 0; round < 1_000; round++) {
    const value = { [random.name()]: random.value(4), more: random.value(4) };
    expect(yaml(value)).toBe(Yaml.stringify(value));
  }
});

test('texts are read back as they were, at each depth', () => {
  const random = new RandomValues(2);
  const texts = Array.from({ length: 1_000 }, () => random.text()).filter((text) => !/[\ud800\r]/.test(text));
  const value = { texts, below: [[{ texts }]] };
  expect(parse(yaml(value), { version: '1.1' })).toEqual(value);
});

test('fields that are undefined are left out, and an object that has no other is empty', () => {
  expect(yaml({ a: undefined, b: { c: undefined }, d: [], e: [{}] })).toBe('b: {}\nd: []\ne:\n  - {}\n');
});
