import { findLibraryPath, tryAddEnvironmentToMain } from '../../../lib/tools/init/main-file';

const MAIN = `import { fleet } from './environments/fleet';
import { reference } from './environments/reference';
import { run } from './lib';

run({ reference, fleet });
`;

test('an environment is a line more among the imports, and a name more in what is run', () => {
  expect(tryAddEnvironmentToMain(MAIN, 'north-1')).toBe(`import { fleet } from './environments/fleet';
import { north_1 } from './environments/north-1';
import { reference } from './environments/reference';
import { run } from './lib';

run({ reference, fleet, 'north-1': north_1 });
`);
});

test('one that is there stays as it is', () => {
  expect(tryAddEnvironmentToMain(MAIN, 'fleet')).toBe(MAIN);
});

test('the first one of an app of somebody who has the library as a package', () => {
  const main = "// Ours.\nimport { run } from 'cdk8s-edge-observability';\n\nrun({});\n";
  expect(tryAddEnvironmentToMain(main, 'north')).toBe(
    "// Ours.\nimport { run } from 'cdk8s-edge-observability';\nimport { north } from './environments/north';\n\nrun({ north });\n",
  );
  expect(findLibraryPath(main)).toBe('cdk8s-edge-observability');
});

test('many are a line each', () => {
  const names = Array.from({ length: 12 }, (_, index) => `environment${index}`);
  const main = names.reduce((text, name) => tryAddEnvironmentToMain(text, name) ?? '', MAIN);
  expect(main).toContain('run({\n  reference,\n  fleet,\n  environment0,\n');
  expect(tryAddEnvironmentToMain(main, 'environment3')).toBe(main);
});

test.each([
  'run({ reference: (app) => { new Chart(app, "x"); } });',
  'run(environments);',
  'run({ ...others });',
  '',
])('%j is left to who wrote it', (main) => {
  expect(tryAddEnvironmentToMain(main, 'north')).toBeUndefined();
});

test('the library is where main.ts has it from', () => {
  expect(findLibraryPath(MAIN)).toBe('../lib');
  expect(findLibraryPath("import { CloudChart, run, type Settings } from './lib/index';")).toBe(
    '../lib/index',
  );
});
