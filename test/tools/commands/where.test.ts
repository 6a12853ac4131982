import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { ApiObject, type App, Chart } from 'cdk8s';
import { findCodeThatCreatesObjects } from '../../../lib/tools/synthesis/origins';
import { renderEnvironments } from '../../../lib/tools/synthesis/synthesize';
import { EXAMPLES as environments } from '../../support/examples';
import { callCommand } from '../../support/recorded-io';

test('every object of every environment is traced to a construct and to files of the sources', () => {
  const origins = findCodeThatCreatesObjects(environments);
  expect(origins.map(({ file }) => file)).toEqual(
    renderEnvironments(environments).flatMap(({ name, objects }) =>
      objects.map(({ chart, file }) => `${name}/${chart}/${file}`),
    ),
  );
  for (const { file, constructs, lines } of origins) {
    expect({ file, constructs: constructs.length, lines: lines.length }).toEqual({
      file,
      constructs: expect.any(Number),
      lines: expect.any(Number),
    });
    expect(constructs.at(-1)?.className).toMatch(/Chart$/);
    expect(lines.at(-1)).toMatch(new RegExp(`^examples/environments/${file.split('/')[0]}\\.ts:\\d+$`));
    for (const line of lines) expect(existsSync(line.replace(/:\d+$/, ''))).toBe(true);
  }
});

test('an object is found by kind and name, with its namespace, and by its file', async () => {
  const [byName, byNamespace, byFile] = await Promise.all(
    [
      'Deployment/kube-state-metrics',
      'Deployment/monitoring/kube-state-metrics',
      'dist/fleet/cloud/Deployment.kube-state-metrics.k8s.yaml',
    ].map((wanted) => callCommand(['where', wanted, '--environment', 'fleet'], environments)),
  );
  expect(byName).toEqual(byNamespace);
  expect(byName).toEqual(byFile);
  expect(byName).toMatchObject({ code: 0, stderr: '' });
  expect(byName?.stdout).toMatch(
    /^Deployment\/monitoring\/kube-state-metrics\n {2}file {8}dist\/fleet\/cloud\/Deployment\.kube-state-metrics\.k8s\.yaml\n {2}created by {2}CloudWorkload .+\n {14}KubeStateMetrics cloud\/kube-state-metrics\n/,
  );
  expect(byName?.stdout).toMatch(/lib\/cloud\/kube-state-metrics\/kube-state-metrics\.ts:\d+\n/);
});

test('without --environment it is looked for in all', async () => {
  const { stdout } = await callCommand(['where', 'Namespace/monitoring'], environments);
  expect(stdout.match(/^ {2}file .*$/gm)).toHaveLength(2);
});

test('an object that nobody makes is refused, with those whose names are like it', async () => {
  expect(await callCommand(['where', 'ConfigMap/kube-state-metrics'], environments)).toMatchObject({
    code: 64,
    stdout: '',
    stderr: expect.stringMatching(
      /the synthesized environments do not create the object "ConfigMap\/kube-state-metrics"; allowed: .*Deployment\/monitoring\/kube-state-metrics/,
    ),
  });
  expect(await callCommand(['where', 'Namespace/nowhere'], environments)).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('Kind/name, such as'),
  });
  expect(await callCommand(['where'], environments)).toMatchObject({
    code: 64,
    stderr: expect.stringContaining(
      'missing argument <object>; allowed: Kind/name, Kind/namespace/name, or the path of a file in dist/',
    ),
  });
});

test("of an object that is made by the app's own code it says that its line is not known", async () => {
  const own = (app: App) => {
    new ApiObject(new Chart(app, 'cloud'), 'own', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'own' },
    });
  };
  expect((await callCommand(['where', 'ConfigMap/own'], { own })).stdout).toBe(
    'ConfigMap/own\n' +
      '  file        dist/own/cloud/ConfigMap.own.k8s.yaml\n' +
      '  created by  Chart cloud\n' +
      '  lines       unknown: no construct of cdk8s-edge-observability creates this object\n',
  );
});

/** Whether a line of the sources, given as file:line, creates an object. */
const isMaker = (place: string): boolean => {
  const [, source = '', line] = /^(.*):(\d+)$/.exec(place) ?? [];
  return /create(?:Api|ClusterScoped)Object\(/.test(
    readFileSync(source, 'utf8').split('\n')[Number(line) - 1] ?? '',
  );
};

// In a separate process, because test coverage changes line numbers.
test('the first line of every object is the one that makes it, and the one that the process of the command prints', () => {
  const file = 'fleet/cloud/Namespace.monitoring.k8s.yaml';
  const command = ['scripts/run.cjs', 'test/tools/commands/first-lines.ts', 'where', `dist/${file}`];
  const [json = '', ...stdout] = spawnSync(process.execPath, command, { encoding: 'utf8' }).stdout.split(
    '\n',
  );
  const lines: [file: string, place: string][] = JSON.parse(json);
  expect(lines.map(([name]) => name)).toEqual(
    findCodeThatCreatesObjects(environments).map((origin) => origin.file),
  );
  expect(lines.filter(([, place]) => !isMaker(place))).toEqual([]);
  expect(stdout).toContain(`  lines       ${new Map(lines).get(file)}`);
});
