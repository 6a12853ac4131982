import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import * as library from '../lib';
import { MAKERS } from './fuzz/cases';
import { type Maker, madeIn } from './fuzz/makers';

/** Functions without options, or with values from the library itself. */
const WITHOUT_OPTIONS: Readonly<Record<string, string>> = {
  CloudChart: 'takes settings: below',
  EdgeChart: 'takes settings: below',
  GitOpsChart: 'takes settings: below',
  InvalidOptionError: 'is what refusals are',
  Platform: 'is made by Platform.define',
  basicAuth: 'has no options',
  createIngress: 'is for controllers of your own, which hand on the site that they get',
  toNginxSize: 'takes a size: below',
  run: 'takes environments, and has a message and an exit code for what is none',
  shardOf: 'takes a name and a number: below',
  shardPath: 'takes a number: below',
};

function refusal(what: () => unknown): string {
  try {
    what();
  } catch (error) {
    if (error instanceof library.InvalidOptionError) return error.message;
    return `not refused, but ${error}`;
  }
  return 'not refused';
}

const call = (maker: Maker, options: unknown) =>
  refusal(() => madeIn(new Chart(new App(), 'chart'), maker, options));

const makers = Object.entries(MAKERS);

describe('every construct, method and function that takes options', () => {
  test('is in the table', () => {
    const exported = Object.entries(library).flatMap(([name, value]) =>
      typeof value === 'function' ? [name] : [],
    );
    const known = new Set(Object.keys(MAKERS).map((name) => name.split(' ')[0]));
    expect(exported.filter((name) => !known.has(name) && !(name in WITHOUT_OPTIONS))).toEqual([]);
  });

  // Constructs are also passed to them, and a plan has more fields than those shown.
  const closed = makers.filter(([name]) => !/(add\w+|^environmentDashboards)$/.test(name));
  test.each(closed)('%s refuses an option that it does not have', (_, maker) => {
    expect(call(maker, { ...maker.options, colour: 'red' })).toMatch(/colour is not an option; allowed: /);
  });

  test.each(
    makers.flatMap(([name, maker]) => [null, 'text', 7, []].map((wrong) => ({ name, maker, wrong }))),
  )('$name refuses $wrong in the place of its options', ({ maker, wrong }) => {
    expect(call(maker, wrong)).toMatch(/is (null|"text"|7|\[\]); allowed: /);
  });

  const options = makers.flatMap(([name, maker]) =>
    Object.keys(maker.options).flatMap((option) =>
      [null, () => 'text', Symbol('kind')].map((wrong) => ({ name, maker, option, wrong })),
    ),
  );
  test.each(options)('$name refuses $wrong as $option', ({ maker, option, wrong }) => {
    const refused = call(maker, { ...maker.options, [option]: wrong });
    expect(refused).toContain(option);
    expect(refused).toContain('allowed: ');
  });
});

describe('what takes no options', () => {
  test('refuses values of another kind', () => {
    const wrong = undefined as never;
    for (const what of [
      () => library.toNginxSize(wrong),
      () => library.shardOf(wrong, 2),
      () => library.shardOf('node', wrong),
      () => library.shardPath(wrong),
    ]) {
      expect(refusal(what)).toMatch(/ is null; allowed: /);
    }
  });

  const { CloudChart, EdgeChart, GitOpsChart } = library;
  test.each([CloudChart, EdgeChart, GitOpsChart])('%p refuses other properties', (Made) => {
    const make = (props: unknown) => refusal(() => new Made(new App(), 'chart', props as never));
    expect(make(null)).toMatch(/is null; allowed: the options settings/);
    expect(make({})).toMatch(/settings is missing; allowed: the settings of an environment/);
    expect(make({ colour: 'red' })).toContain('colour is not an option');
    expect(make({ settings: null })).not.toContain('not refused');
  });

  test('addChart refuses what is no chart', () => {
    const gitOps = { name: 'fleet', repository: 'https://git.example.com/a.git', path: 'dist' };
    const applications = new library.ArgoCdApplications(new Chart(new App(), 'chart'), 'a', gitOps);
    for (const wrong of [null, {}, new Construct(applications, 'x')]) {
      expect(refusal(() => applications.addChart(wrong as never))).toMatch(/chart is .*; allowed: a chart/);
    }
  });
});
