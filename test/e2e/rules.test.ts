import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import type { RuleSource } from '../../lib';
import { RuleSet } from '../../lib/core/rule-set';
import { allAlerts, allCases, allRules } from '../support/all-rules';
import { load, only } from '../support/manifests';
import { type AlertCases, promtoolTests } from '../support/rule-cases';
import { tryRun } from './runtime/programs';
import { DIST } from './stack';

/** Groups that others read: which nodes are heard of, and which components are down. */
const SHARED = ['edge-reachability', 'stack'];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rules-'));
  writeRules([...allRules.prometheus, ...allRules.loki.map(countedAhead)]);
});

afterAll(() => rmSync(folder, { recursive: true }));

test('the rules of dist are rules for promtool', async () => {
  const { data } = only(load(join(DIST, 'cloud')), 'ConfigMap', 'prometheus-rules');
  const files = Object.entries(data as Record<string, string>).map(([name, content]) => {
    const file = join(folder, `dist-${name}`);
    writeFileSync(file, content);
    return file;
  });
  expect(await promtool('check', 'rules', '--lint=all', '--lint-fatal', ...files)).toBe('');
});

describe.each(Object.entries(allCases))('the alerts of %s', (subject, cases) => {
  test.each(Object.keys(cases))('%s is quiet, fires and is over', async (name) => {
    const one: AlertCases = { [name]: cases[name] as AlertCases[string] };
    const rules = [...new Set([...SHARED, ...groupsWith(name)])].map((group) =>
      join(folder, `${group}.yaml`),
    );
    const file = join(folder, `${subject}-${name}.yaml`);
    writeFileSync(file, promtoolTests(one, allAlerts, rules));
    expect(await promtool('test', 'rules', file)).toBe('');
  });
});

/** The groups that an alert is in: one. */
const groupsWith = (alert: string): string[] =>
  [...allRules.prometheus, ...allRules.loki]
    .flatMap(({ ruleGroups }) => ruleGroups)
    .filter(({ rules }) => rules.some((rule) => 'alert' in rule && rule.alert === alert))
    .map(({ name }) => name);

/** What promtool complains of; nothing where it succeeds. */
async function promtool(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await tryRun('promtool', args);
  return code === 0 ? '' : `${stdout}${stderr}`;
}

function writeRules(sources: readonly RuleSource[]): void {
  const rules = new RuleSet(new Chart(new App(), 'test'), 'PromQL', {
    runbooks: 'https://runbooks.example.com',
  });
  for (const source of sources) rules.add(source);
  for (const [name, content] of Object.entries(rules.files())) writeFileSync(join(folder, name), content);
}

/**
 * Rules of Loki with lines that were counted ahead: no Loki can be run here, and around its selectors LogQL
 * calculates as PromQL does.
 */
function countedAhead({ ruleGroups }: RuleSource): RuleSource {
  const counted = (expr: string) =>
    expr
      .replaceAll(/ \|~ "(?:[^"\\]|\\.)*"/g, '')
      .replaceAll('bytes_over_time({', 'sum_over_time(log_bytes{')
      .replaceAll('count_over_time({', 'sum_over_time(log_lines{');
  return {
    ruleGroups: ruleGroups.map((group) => ({
      ...group,
      rules: group.rules.map((rule) => ({ ...rule, expr: counted(rule.expr) })),
    })),
  };
}
