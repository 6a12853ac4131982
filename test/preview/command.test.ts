import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../runtime/free-port';
import { eventually } from '../runtime/wait';

/** An app that writes one dashboard, whose title is in a file of its own. */
const MAIN = `
import { mkdirSync, writeFileSync } from 'node:fs';
import { title } from './lib/title';

const folder = \`\${process.env.CDK8S_OUTDIR}/ours/cloud\`;
mkdirSync(folder, { recursive: true });
const data = { 'ours.json': JSON.stringify({ uid: 'ours', title, panels: [] }) };
writeFileSync(\`\${folder}/dashboard.yaml\`, JSON.stringify({ kind: 'ConfigMap', data }));
`;

let app: string;
let preview: ChildProcess;
let root: string;
let said = '';
let complained = '';

const write = (text: string) => writeFileSync(join(app, 'lib/title.ts'), text);
const titled = (title: string) => write(`export const title = '${title}';\n`);

async function titles(): Promise<string[]> {
  const answer = await fetch(`${root}/preview/dashboards`);
  const { dashboards } = (await answer.json()) as { dashboards: { title: string }[] };
  return dashboards.map(({ title }) => title);
}

beforeAll(async () => {
  app = mkdtempSync(join(tmpdir(), 'app-'));
  for (const name of ['lib', 'tmp']) mkdirSync(join(app, name));
  for (const name of ['node_modules', 'preview', 'scripts']) symlinkSync(resolve(name), join(app, name));
  writeFileSync(join(app, 'main.ts'), MAIN);
  titled('First');
  const port = await freePort();
  root = `http://127.0.0.1:${port}`;
  const command = [
    'scripts/run.cjs',
    'preview/main.ts',
    '--prometheus',
    'http://127.0.0.1:9',
    '--port',
    `${port}`,
  ];
  const env = { ...process.env, TMPDIR: join(app, 'tmp') };
  preview = spawn(process.execPath, command, { cwd: app, env, stdio: ['ignore', 'pipe', 'pipe'] });
  preview.stdout?.on('data', (text) => {
    said += text;
  });
  preview.stderr?.on('data', (text) => {
    complained += text;
  });
  await eventually(
    () => `npm run preview says where to look: ${complained}`,
    () => said.includes(`the dashboards of ours: ${root}/\n`),
  );
});

afterAll(() => {
  preview?.kill('SIGKILL');
  rmSync(app, { recursive: true });
});

test('an open page reloads once the dashboards of changed sources are synthesized', async () => {
  expect(await titles()).toEqual(['First']);
  const changes = await fetch(`${root}/preview/changes`);
  const reader = changes.body?.getReader();
  titled('Second');
  const told = await reader?.read();
  expect(new TextDecoder().decode(told?.value)).toContain('event: change');
  expect(await titles()).toEqual(['Second']);
  await reader?.cancel();
});

test('sources that cannot be synthesized are said, and the last dashboards stay until they are mended', async () => {
  write('export const title = ;\n');
  await eventually('the mistake is said', () => complained.includes('lib/title.ts:1'));
  expect(await titles()).toEqual(['Second']);
  titled('Third');
  await eventually('it is mended', async () => (await titles()).includes('Third'));
});

test('it ends by Ctrl-C and leaves nothing behind', async () => {
  titled('Fourth');
  await sleep(400); // It is being synthesized.
  preview.kill('SIGINT');
  expect(await once(preview, 'exit')).toEqual([0, null]);
  expect(readdirSync(join(app, 'tmp'))).toEqual([]);
});
