import { port, yesOrNo } from '../../lib/core/option-rules';
import {
  anything,
  combineRulesWithAnd,
  falseOrObjectRule,
  listRule,
  mapRule,
  markRuleAsRequired,
  nonEmptyListRule,
  objectRule,
  ruleForValueAsWhole,
  text,
  unionRule,
} from '../../lib/core/structure-rules';
import { isValidValue, problemsOfValue, type Rule } from '../../lib/core/validation';

const server = objectRule<{ name: string; port?: number }>({ name: markRuleAsRequired(text), port });
const withProblems: Rule = {
  allowed: 'b',
  accepts: () => true,
  problems: (value, path) => (value === 'b' ? [] : [path]),
};

/** An object whose fields are inherited from its class. */
const instance = (fields: object): object =>
  new (class {
    constructor() {
      Object.setPrototypeOf(this, Object.create(fields));
    }
  })();

const rules: Readonly<Record<string, Rule>> = {
  object: server,
  'object of objects': objectRule<{ server: object; servers?: object[] }>({
    server: markRuleAsRequired(server),
    servers: listRule(server),
  }),
  list: listRule(text),
  'non-empty list': nonEmptyListRule(listRule(text)),
  map: mapRule(text, server),
  'map with short names': mapRule(
    { allowed: 'a short name', accepts: (name) => String(name).length < 3 },
    text,
  ),
  union: unionRule('name or list', {
    name: server,
    list: objectRule<{ list?: string[] }>({ list: listRule(text) }),
  }),
  'false or object': falseOrObjectRule(server),
  both: combineRulesWithAnd(server, {
    allowed: 'port 80',
    accepts: (value) => Reflect.get(Object(value), 'port') === 80,
  }),
  'as a whole': ruleForValueAsWhole(yesOrNo),
  anything: mapRule(text, anything),
  'a rule with errors of its own': listRule(withProblems),
};

const values: readonly unknown[] = [
  ...[
    undefined,
    null,
    true,
    false,
    0,
    80,
    '',
    'b',
    'a\u0000',
    [],
    {},
    () => undefined,
    new Date(0),
    new Map(),
  ],
  ...[['b'], ['b', 'a\u2028'], ['b', undefined], new Array(1), [1], [[]], ['b', { name: 'b' }]],
  ...[
    { name: 'a' },
    { name: 'a', port: 80 },
    { name: 'a', port: 0 },
    { port: 80 },
    { name: undefined },
    { name: 'a', port: undefined },
  ],
  ...[
    { name: 'a', more: 1 },
    { name: 'a', more: undefined },
    { name: '\ud800' },
    { name: 'a', list: [] },
    { list: ['a'] },
    { list: [1] },
  ],
  ...[
    { a: { name: 'a' } },
    { a: { port: 80 } },
    { a: 'b' },
    { long: 'b' },
    { a: 'b\u0085' },
    { a: undefined },
  ],
  ...[
    { server: { name: 'a' } },
    { server: { name: 1 } },
    { server: {}, servers: [] },
    { server: { name: 'a' }, servers: [{ name: 'a' }, {}] },
  ],
  ...[instance({ name: 'a' }), instance({ name: 1 }), instance({ port: 80 }), Object.create(null)],
];

test.each(Object.entries(rules))('%s: a value is valid if and only if it has no errors', (_, rule) => {
  const verdicts = values.map((value) => {
    const errors = rule.problems?.(value, 'option') ?? problemsOfValue('option', value, rule);
    expect([value, isValidValue(value, rule)]).toEqual([value, errors.length === 0]);
    expect(problemsOfValue('option', value, rule)).toEqual(errors);
    return errors.length === 0;
  });
  expect(new Set(verdicts)).toEqual(new Set([true, false]));
});
