import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { Node, type Type } from 'ts-morph';
import * as library from '../lib';
import { publicExports } from '../scripts/reference/exports';
import { loadSources } from '../scripts/reference/sources';
import { MAKERS } from './fuzz/cases';
import { type Maker, madeIn } from './fuzz/makers';
import { pathsIn } from './fuzz/mutations';

/** Functions without options, or with values from the library itself. */
const WITHOUT_OPTIONS: Readonly<Record<string, string>> = {
  CloudChart: 'takes settings: below',
  EdgeChart: 'takes settings: below',
  GitOpsChart: 'takes settings: below',
  InvalidOptionError: 'is what refusals are',
  Platform: 'is made by Platform.define',
  basicAuth: 'has no options',
  ingressObject: 'is for controllers of your own, which hand on the site that they get',
  nginxSize: 'takes a size: below',
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

describe('the table has every option', () => {
  const exported = new Map(publicExports(loadSources()).map(({ name, node }) => [name, node]));

  test.each(makers.map(([name]) => name.split(' ')[0] ?? '').filter((name) => exported.has(name)))(
    'of %s',
    (name) => {
      const own = makers.filter(([of]) => of === name || of.startsWith(`${name} `)).map(([, maker]) => maker);
      const known = own.flatMap(({ options }) =>
        pathsIn(options).map((path) => path.filter((part) => typeof part === 'string').join('.')),
      );
      // Results of other functions, and checks of custom constructs.
      const others = own.flatMap(({ given }) => Object.keys(given?.(new Chart(new App(), 'chart')) ?? {}));
      if (name === 'EdgeGroup') others.push('agent', 'logCollector');
      const isKnown = (path: string) => known.includes(path) || others.includes(path.split('.')[0] ?? '');
      const node = exported.get(name);
      const type = node && optionsOf(node);
      expect(type ? optionPaths(type).filter((path) => !isKnown(path)) : []).toEqual([]);
    },
  );
});

/** The type of the options of a construct or a function. */
function optionsOf(node: Node): Type | undefined {
  if (Node.isClassDeclaration(node)) return node.getConstructors()[0]?.getParameters()[2]?.getType();
  const made = Node.isVariableDeclaration(node) ? node.getInitializer() : node;
  const parameters = Node.isParametered(made) ? made.getParameters() : [];
  return parameters.map((one) => one.getType()).find((type) => type.getNonNullableType().isObject());
}

/** Options and those below them, as far as they are data of this library. */
function optionPaths(type: Type, path = '', depth = 0): string[] {
  const plain = type.getNonNullableType();
  const parts = plain.isUnion() ? plain.getUnionTypes() : [plain];
  return parts.flatMap((part) => {
    const element = part.getArrayElementType();
    if (element) return optionPaths(element, path, depth);
    const properties = part.isObject() && depth < 4 ? part.getProperties() : [];
    const declared = properties.flatMap((one) => one.getDeclarations().slice(0, 1));
    const isData =
      declared.length > 0 &&
      declared.every((one) => Node.isPropertySignature(one) && !one.getType().getCallSignatures().length);
    if (!isData) return [];
    return declared.flatMap((one) => {
      if (!Node.isPropertySignature(one)) return [];
      // Routes have routes.
      if (path.split('.').includes(one.getName())) return [];
      const below = path ? `${path}.${one.getName()}` : one.getName();
      return [below, ...optionPaths(one.getType(), below, depth + 1)];
    });
  });
}

describe('what takes no options', () => {
  test('refuses values of another kind', () => {
    const wrong = undefined as never;
    for (const what of [
      () => library.nginxSize(wrong),
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
