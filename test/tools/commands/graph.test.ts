import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'cdk8s';
import { CloudChart } from '../../../lib';
import type { Environments } from '../../../lib/tools/synthesis/environment';
import { callCommand } from '../../support/recorded-io';
import { minimalSettings } from '../../support/settings';

const createEnvironment = (app: App) => {
  new CloudChart(app, 'cloud', { settings: minimalSettings });
};

const runGraph = (environments: Environments, ...args: string[]) =>
  callCommand(['graph', ...args], environments);

test('the picture of the only environment is printed, as SVG with the names of what runs', async () => {
  const { code, stdout } = await runGraph({ one: createEnvironment });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^<\?xml [\s\S]*<\/svg>\n$/);
  for (const text of ['how data flows: one', 'prometheus', 'push.example.com', 'business services'])
    expect(stdout).toContain(`>${text}</text>`);
});

test('of several environments one has to be named, unless a folder takes them all', async () => {
  const environments = { one: createEnvironment, other: createEnvironment };
  expect(await runGraph(environments)).toMatchObject({ code: 64, stdout: '' });
  const folder = mkdtempSync(join(tmpdir(), 'graph-'));
  try {
    expect(await runGraph(environments, '--output', join(folder, 'new'))).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect(readdirSync(join(folder, 'new'))).toEqual(['one.svg', 'other.svg']);
    const { stdout } = await runGraph(environments, '--environment', 'other');
    expect(readFileSync(join(folder, 'new/other.svg'), 'utf8')).toBe(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('when one picture cannot be written, none is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'graph-'));
  try {
    mkdirSync(join(folder, 'other.svg'));
    const { code, stderr } = await runGraph(
      { one: createEnvironment, other: createEnvironment },
      '--output',
      folder,
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining('other.svg cannot be written')]);
    expect(readdirSync(folder)).toEqual(['other.svg']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
