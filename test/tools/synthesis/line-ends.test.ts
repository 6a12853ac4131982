import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyWithCrlf } from '../../support/crlf';
import { EXAMPLE_NAMES, exampleObjects } from '../../support/examples';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'line-ends-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

test('a checkout with the line ends of Windows synthesizes the same manifests', () => {
  copyWithCrlf(folder, 'lib', 'imports', 'examples', 'scripts', 'package.json');
  expect(readFileSync(join(folder, 'lib/agents/config-reloader.sh'), 'utf8')).toContain('\r\n');
  execFileSync(process.execPath, ['scripts/run.cjs', 'examples/environments/main.ts'], { cwd: folder });
  for (const name of EXAMPLE_NAMES) {
    for (const { chart, file, yaml } of exampleObjects(name)) {
      expect(readFileSync(join(folder, 'dist', name, chart, file), 'utf8')).toBe(yaml);
    }
  }
});

test('tests read files as the program has them', () => {
  const file = join(folder, 'program.sh');
  writeFileSync(file, '#!/bin/sh\r\necho "a\\r"\r\n');
  const { process } = require('../../../scripts/jest-transform.js');
  const { code } = process('', file);
  expect(code).toContain('#!/bin/sh\\necho');
  expect(code).not.toContain('\\r\\n');
});

test('git is told to keep the line ends', () => {
  const attributes = execFileSync(
    'git',
    ['check-attr', 'text', 'eol', '--', 'lib/agents/config-reloader.sh'],
    {
      encoding: 'utf8',
    },
  );
  expect(attributes).toMatch(/text: auto\n.*eol: lf\n$/);
});
