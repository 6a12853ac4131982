import { parser } from '@prometheus-io/lezer-promql';

const ARGUMENTS = ['"a"', '1', 'up', 'up[5m]', 'rate(up[5m])[1h:1m]', '1 + time()', '(up)', '("a")', '-up'];

/** Returns the names of all functions and aggregations in the grammar of Prometheus's query editor. */
export function grammarNames(): string[] {
  const candidates = parser.nodeSet.types.map(({ name }) => snakeCase(name));
  return [...new Set(candidates)].filter((name) =>
    ['FunctionIdentifier', 'AggregateOp'].some((kind) => containsNode(`${name}(up)`, kind)),
  );
}

const snakeCase = (name: string): string =>
  name
    .replace(/Fn$/, '')
    .replace(/StdDev/, 'Stddev')
    .replace(/StdVar/, 'Stdvar')
    .replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`)
    .toLowerCase()
    .replace(/^limit_k$/, 'limitk');

function containsNode(expression: string, kind: string): boolean {
  let holds = false;
  let isBroken = false;
  parser.parse(expression).iterate({
    enter({ name, type }) {
      holds ||= name === kind;
      isBroken ||= type.isError;
    },
  });
  return holds && !isBroken;
}

/**
 * Returns calls of a function: without arguments, with one and two arguments of different types, and with three to six
 * arguments.
 */
export function callVariants(name: string): string[] {
  const lists = [
    '',
    ...ARGUMENTS,
    ...ARGUMENTS.slice(0, 4).flatMap((first) => ARGUMENTS.slice(0, 4).map((second) => `${first}, ${second}`)),
    ...[
      '1, 1, up',
      'up, 1, 1',
      'up[5m], 0.5, 0.5',
      'up, "a", "b"',
      'up, "a", "b", "c"',
      '1, 1, 1',
      'up, "a", 1, 2',
    ],
    ...[
      'up, "a", "b", "c", "d"',
      'up, "a", "b", "c", 1',
      'up, 1, "b", "c", "d"',
      'up, "a", "b", "c", "d", "e"',
    ],
  ];
  return lists.map((list) => `${name}(${list})`);
}

/** PromQL expressions that people write, and expressions with typical mistakes. */
export const WRITTEN: readonly string[] = [
  ...['"a"', '1', 'up', 'up[5m]', '(up[5m])', '("a") > 1', 'up[5m:1m] > 2', '-"a"', '-up[5m]', '+1', '- -up'],
  ...[
    'rate(up)',
    'rate(up)[5m]',
    'sum_over_time(up)',
    'histogram_quantile("a", up)',
    'sum(up[5m])',
    'sum()',
    'sum(1)',
  ],
  ...[
    'sum(up, up)',
    'topk(up)',
    'topk("3", up)',
    'topk(3, up)',
    'count_values(3, up)',
    'count_values("a", up)',
  ],
  ...[
    'sum by (a) (up)',
    'sum(up) without (a, b)',
    'sum by ("a") (up)',
    'sum by (a,) (up)',
    'quantile(0.5, up[5m])',
  ],
  ...[
    '1 > 2',
    '1 > bool 2',
    'up + bool 1',
    'up > bool 1',
    '1 and up',
    'up and 1',
    'up or vector(0)',
    'up unless on() up',
  ],
  ...[
    'up * on(a) group_left(a) up',
    'up * on(a) group_left(b) up',
    'up and on(a) group_left() up',
    'up * on(a) 1',
  ],
  ...[
    '1 + on() up',
    'up * ignoring(a) group_right up',
    '1 + 2 * 3 ^ 4 % 5 atan2 6',
    'up == bool up',
    'up + "a"',
  ],
  ...[
    '(up offset 5m)[5m:1m]',
    'up offset 5m',
    'up offset -5m',
    '(up) offset 5m',
    'up offset 5m offset 5m',
    '1 offset 5m',
  ],
  ...[
    'up[5m] offset 5m',
    'rate(up[5m] offset 5m)',
    'rate((up)[5m])',
    'rate((up[5m]))',
    'rate(up offset 5m [5m])',
  ],
  ...[
    'up @ 1',
    'up @ start()',
    '(up) @ 1',
    'up @ 1 @ 2',
    'up @ 1 offset 5m',
    'up offset 5m @ 1',
    'time() @ 1',
  ],
  ...[
    'max_over_time(up[5m:])',
    'max_over_time(up[5m:1m] offset 1m)',
    'max_over_time(time()[5m:1m])',
    'max_over_time(up[5m][5m:])',
  ],
  ...[
    'rate(up[0m])',
    'rate(up[0])',
    'rate(up[300])',
    'rate(up[1.5])',
    'rate(up[1h30m])',
    'rate(up[5m * 2])',
    'rate(up[-5m])',
  ],
  ...[
    'max_over_time(up[5m:0m])',
    'max_over_time(up[0m:1m])',
    '5m',
    'up > 5m',
    'up > 1e3',
    'up > 0x1f',
    'up > Inf',
    '-NaN',
  ],
  ...[
    '{}',
    '{a=""}',
    '{a="b"}',
    '{a=~".*"}',
    '{a=~".+"}',
    '{a!="b"}',
    '{a!=""}',
    '{a!~""}',
    '{a!~"b"}',
    '{__name__="up"}',
  ],
  ...[
    'up{}',
    'up{a=""}',
    'up{__name__="b"}',
    '{"up"}',
    '{"up", "b"}',
    'up{"b"}',
    '{"up", a="b"}',
    '{"a.b"="c"}',
    'up{a="b",}',
  ],
  ...[
    'up{a=~"("}',
    'up{a=~"(?=a)"}',
    'up{a="("}',
    'up{a=~"\\d+"}',
    'up{a=~"\\\\d+"}',
    'up{a=~`\\d+`}',
    'up{a="\\z"}',
  ],
  ...[
    "up{a='b'}",
    "up{a='\\''}",
    "up{a='\\\"'}",
    'up{a="\\\'"}',
    'up{a="\\n\\t\\\\\\x41\\101\\u00e9"}',
    'up{a="b}',
    'up{a="b"',
  ],
  ...[
    'label_replace(up, "a", "$1", "b", "\\d+")',
    'label_replace(up, "a", "$1", "b", "(.*)")',
    'label_join(up, "a", "-")',
  ],
  ...[
    'absent(up{a="b"})',
    'absent(up[5m])',
    'scalar(1)',
    'vector(up)',
    'vector(1)',
    'round(up, up)',
    'clamp(up, 1)',
  ],
  ...[
    'up # a comment',
    'sum(up) # ) (',
    'up\n  > 1',
    'UP',
    'SUM(up)',
    'Rate(up[5m])',
    'sum(rate(up[5m])) by (a) > 1',
  ],
  ...[
    'a + b offset 5m',
    'a + b @ 1 * 2',
    'a and 1 < b offset 5m',
    '-up offset 5m',
    'max_over_time(-up[5m:])',
    'a + b[5m:]',
  ],
  ...[
    'max_over_time((a + b)[5m:])',
    'max_over_time(a + b[5m:])',
    'a offset 5m and b @ end()',
    'a + b[5m]',
    '1 + a @ 1 offset 5m',
  ],
  ...[
    'up offset 300y',
    'up[300y]',
    'up offset (5m)',
    'up offset Inf',
    'up @ Inf',
    'up @ -1',
    'up offset 0',
    'rate(up[1e2])',
  ],
  ...[
    'time()',
    'time(1)',
    'pi()',
    'day_of_week()',
    'day_of_week(1)',
    'day_of_week(vector(time()))',
    'predict_linear(up[1h], up)',
  ],
  ...[
    'limitk(2, up)',
    'mad_over_time(up[5m])',
    'sort_by_label(up, "a")',
    'up anchored',
    'rate(up[5m] smoothed)',
  ],
];
