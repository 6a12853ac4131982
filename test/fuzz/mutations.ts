/** A generator of numbers from 0 to 1 that a seed decides (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values as people write them by mistake, and as they write them when all is well. */
const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 3, 0.5, 9_100, 1e21, Number.NaN, Number.POSITIVE_INFINITY],
  ...[
    '',
    ' ',
    'a',
    'A',
    'constructor',
    '__proto__',
    'toString',
    'north',
    'edge.example.com',
    'https://edge.example.com',
  ],
  ...[
    '0',
    '30',
    '0s',
    '1s',
    '30s',
    '5m',
    '2h',
    '1d',
    '365d',
    '1h30m',
    '5 min',
    '64Mi',
    '20Gi',
    '1.5Gi',
    '50GB',
    '100m',
    '1',
  ],
  ...[
    '/',
    '/data',
    '/data/',
    '//',
    '../../etc',
    '/etc/alertmanager/receivers/key',
    'a\nb',
    'a\tb',
    'a"b',
    "a'b",
    'a\\b',
    'a$b',
  ],
  ...[
    '\u2028',
    'a\ud800',
    'a\u0000b',
    '节点',
    '{{ $labels.node }}',
    '{{ .Foo',
    '%{NODE_NAME}',
    '$(NODE_NAME)',
    'a: b',
    '#a',
    '- a',
  ],
  ...[
    '(a',
    '.*',
    '^a+$',
    '(?i)a',
    '(?=a)',
    'severity="info"',
    'a=~"(b"',
    '{namespace="a"}',
    '10.0.0.0/8',
    '::/0',
    '10.0.0.0/33',
  ],
  ...[
    'kube-system',
    'x'.repeat(63),
    'x'.repeat(64),
    'x'.repeat(254),
    'monday:friday',
    'full',
    'pushgateway',
    'remote-write',
  ],
  ...[
    [],
    [null],
    [''],
    ['a'],
    ['a', 'a'],
    [{}],
    [[]],
    {},
    { a: 'b' },
    { '': '' },
    { 'a b': 'c' },
    { a: null },
    { nodes: 1 },
  ],
  () => 'a',
  Symbol.for('a'),
  new Date(0),
];

type Path = readonly (string | number)[];

/** Results of functions of the library are not data. */
const isData = (value: unknown): value is object =>
  Array.isArray(value) ||
  (typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.values(value).every((held) => typeof held !== 'function'));

/** Every option below a value, lists and objects themselves among them. */
export function pathsIn(value: unknown, path: Path = []): Path[] {
  if (!isData(value)) return path.length ? [path] : [];
  const below = Object.entries(value).flatMap(([key, held]) =>
    pathsIn(held, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length ? [path, ...below] : below;
}

/** A value with another one at a path. */
export function changed(value: unknown, [key, ...rest]: Path, to: unknown): unknown {
  if (key === undefined) return to;
  const copy: Record<string | number, unknown> = Object.assign(Array.isArray(value) ? [] : {}, value);
  Object.defineProperty(copy, key, {
    value: changed(copy[key], rest, to),
    enumerable: true,
    writable: true,
    configurable: true,
  });
  return copy;
}

/** Plausible values by the kind of the old one: most mistakes of users are of that kind. */
const LIKE: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^\d+[smhdwy]$/, ['1s', '15s', '30s', '45s', '1m', '5m', '1h', '12h', '1d', '7d', '30d', '365d']],
  [/^[\d.]+[KMGT]i$/, ['1Ki', '64Ki', '1Mi', '64Mi', '256Mi', '1Gi', '1.5Gi', '10Gi', '100Gi', '1Ti']],
  [/^\d+m?$/, ['1', '2', '10m', '100m', '250m', '1000m']],
  [/^(\/[\w.-]+)+$/, ['/a', '/data', '/data/a.b', '/var/lib/x', '/opt/a-b_c']],
  [/^[a-z0-9.-]+\.example\.com$/, ['a.example.com', 'b-c.example.com', 'x.y.z.example.com']],
  [/^[a-z0-9-]+$/, ['a', 'ab', 'a-b', 'north', 'n0', 'x'.repeat(30)]],
];

/** The same value without some of its options, at any depth. */
function thinned(value: unknown, random: () => number): unknown {
  if (!isData(value) || Array.isArray(value)) return value;
  const kept = Object.entries(value).filter(() => random() > 0.2);
  return Object.fromEntries(kept.map(([name, held]) => [name, thinned(held, random)]));
}

/**
 * The same value after one to three changes: another value, another spelling, an option that there is not, or none; in a
 * fifth of all cases, some options are left out first.
 */
export function mutated<T>(value: T, random: () => number): T {
  let result = random() < 0.2 ? thinned(value, random) : value;
  for (let count = 1 + Math.floor(random() ** 3 * 3); count > 0; count -= 1) {
    const paths = pathsIn(result);
    const path = one([[], ...paths], random);
    result = changed(result, path, replacement(at(result, path), random));
  }
  return result as T;
}

/** Another value: mostly one of the same kind, often one that is surely wrong. */
function replacement(held: unknown, random: () => number): unknown {
  const kind = random();
  if (kind > 0.35) return similar(held, random, kind > 0.5);
  if (kind < 0.05) return undefined;
  if (kind < 0.1 && isData(held) && !Array.isArray(held)) {
    return { ...held, [one(['extra', 'Name', 'constructor'], random)]: 1 };
  }
  if (kind < 0.15 && Array.isArray(held)) return [...held, ...held];
  if (kind < 0.25 && typeof held === 'string') return spelt(held, random);
  if (kind < 0.25 && typeof held === 'number') return one([-held, held * 10, held + 0.5, `${held}`], random);
  return one(VALUES, random);
}

function similar(held: unknown, random: () => number, mayLeaveOut: boolean): unknown {
  const like = LIKE.find(([pattern]) => typeof held === 'string' && pattern.test(held));
  if (like) return one(like[1], random);
  if (typeof held === 'number') return one([1, 2, 5, 10, 100, 1_000, 9_100, 10_000], random);
  if (typeof held === 'boolean') return !held;
  return mayLeaveOut && isData(held) ? undefined : one(VALUES, random);
}

const spelt = (text: string, random: () => number): string =>
  one(
    [
      text.toUpperCase(),
      ` ${text}`,
      `${text}\n`,
      `${text}${text}`,
      text.slice(1),
      `${text}-`,
      `${text}\u2028`,
      `"${text}"`,
    ],
    random,
  );

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((held, key) => Reflect.get(Object(held), key), value);

export function one<T>(values: readonly T[], random: () => number): T {
  return values[Math.floor(random() * values.length)] as T;
}
