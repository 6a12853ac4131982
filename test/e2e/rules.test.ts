import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RUNBOOKS } from '../../lib/core/rule-set';
import { syntaxOrTypeProblem } from '../../lib/core/rule-syntax';
import { NOT_OF_PROMTOOL } from '../edge/remote-write.rules.cases';
import { tryRun } from '../runtime/programs';
import { environments, type RuledEnvironment, written } from '../stacks/ruled-environments';
import { allAlerts } from '../support/all-rules';
import { callVariants, grammarNames, WRITTEN } from '../support/promql-cases';
import { type AlertCases, promtoolTests } from '../support/rule-cases';

/** Groups that others read: which nodes send data, and which components are down. */
const SHARED = ['edge-membership', 'edge-reachability', 'stack'];

/** What shows an alert of an environment: its rules, and what is told to them. */
function shownBy({ files, groups, cases }: RuledEnvironment, alert: string): string {
  return JSON.stringify([files[groups.get(alert) ?? ''], cases[alert]]);
}

/** Its alerts but those that an earlier environment has shown by the very same. */
function ownAlerts(environment: RuledEnvironment): string[] {
  const earlier = environments.slice(0, environments.indexOf(environment));
  return [...environment.groups.keys()].filter(
    (alert) =>
      !(environment.cases === written && alert in NOT_OF_PROMTOOL) &&
      !earlier.some((other) => shownBy(other, alert) === shownBy(environment, alert)),
  );
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rules-'));
  for (const { name, files } of environments) {
    mkdirSync(join(folder, name));
    for (const [group, text] of Object.entries(files)) writeFileSync(fileOf(name, group), text);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

const fileOf = (environment: string, group: string) => join(folder, environment, `${group}.yaml`);

describe.each(environments)('the rules of $name', (environment) => {
  const { name, prometheus, groups, cases } = environment;

  test('are rules for promtool', async () => {
    const paths = Object.keys(prometheus).map((group) => fileOf(name, group));
    expect(await promtool('check', 'rules', '--lint=all', '--lint-fatal', ...paths)).toBe('');
  });

  test.each(ownAlerts(environment))('%s is quiet, fires and is over', async (alert) => {
    const rules = [...new Set([...SHARED, groups.get(alert) ?? ''])].map((one) => fileOf(name, one));
    const tests = join(folder, name, `${alert}.tests.yaml`);
    writeFileSync(
      tests,
      promtoolTests({ [alert]: cases[alert] as AlertCases[string] }, allAlerts, rules, RUNBOOKS),
    );
    expect(await promtool('test', 'rules', tests)).toBe('');
  });
});

test('every alert is in one of the environments', () => {
  const tested = environments.flatMap(({ groups }) => [...groups.keys()]);
  expect(allAlerts.map(({ alert }) => alert).filter((alert) => !tested.includes(alert))).toEqual([]);
});

test('an expression that promtool refuses is refused at synthesis, and no other', async () => {
  const expressions = [...WRITTEN, ...grammarNames().flatMap(callVariants)];
  const groups = expressions.map((expr, index) => ({ name: `${index}`, rules: [{ record: 'a:b:c', expr }] }));
  const file = join(folder, 'expressions.json');
  writeFileSync(file, JSON.stringify({ groups }));
  const complaints = [
    ...(await promtool('check', 'rules', '--lint=none', file)).matchAll(
      /group "(\d+)".*could not parse expression: (.*)/g,
    ),
  ];
  const refused = new Map(complaints.map(([, index, why = '']) => [Number(index), why]));
  expect(refused.size).toBeGreaterThan(1_000);
  const differences = expressions.filter((expr, index) => {
    const problem = syntaxOrTypeProblem('PromQL', expr);
    const why = refused.get(index);
    // Debian's promtool is older than the functions, and takes results that no rule can have.
    const isOther = why?.includes('unknown function') || problem?.startsWith('the result is');
    return !isOther && (problem === undefined) !== (why === undefined);
  });
  expect(differences).toEqual([]);
});

/** What promtool complains of; nothing where it succeeds. */
async function promtool(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await tryRun('promtool', args);
  return code === 0 ? '' : `${stdout}${stderr}`;
}
