import {
  libraryImportPathOfEnvironment,
  tryRenderMainFileWithEnvironment,
} from '../../../lib/tools/init/main-file';

const MAIN = `import { fleet } from './environments/fleet';
import { reference } from './environments/reference';
import { run } from './lib';

run({ reference, fleet });
`;

test('an environment is a line more among the imports, and a name more in what is run', () => {
  expect(
    tryRenderMainFileWithEnvironment(MAIN, 'north-1'),
  ).toBe(`import { fleet } from './environments/fleet';
import { north_1 } from './environments/north-1';
import { reference } from './environments/reference';
import { run } from './lib';

run({ reference, fleet, 'north-1': north_1 });
`);
});

test('one that is there stays as it is', () => {
  expect(tryRenderMainFileWithEnvironment(MAIN, 'fleet')).toBe(MAIN);
});

test('the first one of an app of somebody who has the library as a package', () => {
  const main = "// Ours.\nimport { run } from 'cdk8s-edge-observability';\n\nrun({});\n";
  expect(tryRenderMainFileWithEnvironment(main, 'north')).toBe(
    "// Ours.\nimport { run } from 'cdk8s-edge-observability';\nimport { north } from './environments/north';\n\nrun({ north });\n",
  );
  expect(libraryImportPathOfEnvironment(main)).toBe('cdk8s-edge-observability');
});

test('many are a line each', () => {
  const names = Array.from({ length: 12 }, (_, index) => `environment${index}`);
  const main = names.reduce((text, name) => tryRenderMainFileWithEnvironment(text, name) ?? '', MAIN);
  expect(main).toContain('run({\n  reference,\n  fleet,\n  environment0,\n');
  expect(tryRenderMainFileWithEnvironment(main, 'environment3')).toBe(main);
});

test.each([
  'run({ reference: (app) => { new Chart(app, "x"); } });',
  'run(environments);',
  'run({ ...others });',
  '',
])('%j is left to who wrote it', (main) => {
  expect(tryRenderMainFileWithEnvironment(main, 'north')).toBeUndefined();
});

test('the library is where main.ts has it from', () => {
  expect(libraryImportPathOfEnvironment(MAIN)).toBe('../lib');
  expect(
    libraryImportPathOfEnvironment("import { CloudChart, run, type Settings } from './lib/index';"),
  ).toBe('../lib/index');
});
