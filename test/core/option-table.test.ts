import { App, Chart } from 'cdk8s';
import { wholeNumberRule, yesOrNo } from '../../lib/core/option-rules';
import {
  fixedDefaultsOf,
  mergeOptionsPreferringFirst,
  type OptionTable,
  optionSubsetRule,
  validateAndApplyDefaults,
  withFixedDefaults,
} from '../../lib/core/option-table';
import { text } from '../../lib/core/structure-rules';
import { problemsOfValue } from '../../lib/core/validation';

interface ValveProps {
  readonly name: string;
  readonly turns?: number;
  readonly limit?: number;
  readonly label?: string;
  readonly isOpen?: boolean;
}

const VALVE = {
  name: { rule: text },
  turns: { rule: wholeNumberRule(1, 9), default: 3, renamedFrom: 'rotations' },
  limit: { rule: wholeNumberRule(1, 90), derive: ({ turns = 0 }) => turns * 10 },
  label: { rule: text, default: undefined },
  isOpen: { rule: yesOrNo, derive: (_, scope) => scope.node.id === 'open' },
} satisfies OptionTable<ValveProps>;

const made = (given: ValveProps, id = 'valve') =>
  validateAndApplyDefaults(new Chart(new App(), id), given, VALVE);

test('what is left out has its default, and what is derived follows from options with theirs and from the place', () => {
  expect(made({ name: 'a' })).toEqual({ name: 'a', turns: 3, limit: 30, label: undefined, isOpen: false });
  expect(made({ name: 'a', turns: 4, label: 'b' }, 'open')).toMatchObject({
    limit: 40,
    label: 'b',
    isOpen: true,
  });
});

test('what is given counts, false and 0 among it, and undefined is nothing that was given', () => {
  expect(made({ name: '', isOpen: false }, 'open').isOpen).toBe(false);
  expect(made({ name: '', turns: undefined }).turns).toBe(3);
});

test('an option that is missing, unknown or called otherwise now is refused, each by name', () => {
  const given: object = { rotations: 2, width: 1, turns: 10 };
  expect(() => made(given as ValveProps)).toThrow(
    'valve: name is missing; allowed: a text; turns is 10; allowed: a whole number from 1 to 9; ' +
      'rotations is not an option, because it was renamed to turns; allowed: the options name, turns, limit, label, isOpen; ' +
      'width is not an option; allowed: the options name, turns, limit, label, isOpen',
  );
});

test('the compiler names what a table forgets, has too much of, or gives a wrong default', () => {
  const { name: _, ...forgotten } = VALVE;
  // @ts-expect-error name is missing
  const one: OptionTable<ValveProps> = forgotten;
  // @ts-expect-error turns is a number
  const two: OptionTable<ValveProps> = { ...VALVE, turns: { rule: text, default: 'three' } };
  // @ts-expect-error an optional option needs a default
  const three: OptionTable<ValveProps> = { ...VALVE, label: { rule: text } };
  // @ts-expect-error unknown option width
  const four = { ...VALVE, width: { rule: text, default: '' } } satisfies OptionTable<ValveProps>;
  // @ts-expect-error label may be undefined
  const label: string = made({ name: 'a' }).label;
  const turns: number = made({ name: 'a' }).turns;
  expect([one, two, three, four, label, turns]).toHaveLength(6);
});

test('settings offer some of the options, by the rules of the table', () => {
  const rule = optionSubsetRule<ValveProps>(VALVE, ['turns']);
  expect(problemsOfValue('settings.valve', { turns: 3 }, rule)).toEqual([]);
  expect(problemsOfValue('settings.valve', { turns: 0, limit: 1 }, rule)).toEqual([
    'settings.valve.turns is 0; allowed: a whole number from 1 to 9',
    'settings.valve.limit is not an option; allowed: the options turns',
  ]);
});

test('of several layers the first one that says something counts', () => {
  expect(
    mergeOptionsPreferringFirst<ValveProps>({ turns: undefined, limit: 1 }, undefined, {
      turns: 2,
      limit: 2,
      label: 'c',
    }),
  ).toEqual({
    turns: 2,
    limit: 1,
    label: 'c',
  });
});

test('defaults are there without a construct, too', () => {
  expect(withFixedDefaults(VALVE, { name: 'a', turns: 5 } as ValveProps)).toMatchObject({
    name: 'a',
    turns: 5,
  });
  const LIMITS = { least: { rule: wholeNumberRule(1, 9), default: 1 } } satisfies OptionTable<{
    readonly least?: number;
  }>;
  expect(fixedDefaultsOf<{ readonly least?: number }, typeof LIMITS>(LIMITS)).toEqual({ least: 1 });
});
