import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { textOf } from '../../scripts/text-of.cjs';
import { endProgram, spawnKilledWithParent } from '../runtime/programs';
import { eventually } from '../runtime/wait';

const SCRIPT = textOf(join(__dirname, '../../lib/edge/daemon-set/wait-for-files.sh'));

/** The script itself, by the shell of the image and by a second POSIX shell, as the manifest runs it. */
describe.each([
  ['busybox ash', ['busybox', 'ash']],
  ['dash', ['dash']],
])('the container that waits for files, run by %s', (_, shell) => {
  let folder: string;
  let config: string;
  let secret: string;
  let waiter: ChildProcess;
  let said: string;
  let ended: Promise<number | null>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wait-for-files-'));
    [config, secret] = [join(folder, 'ConfigMap/push'), join(folder, 'Secret/push-credentials')];
    for (const path of [config, secret]) mkdirSync(path, { recursive: true });
    writeFileSync(join(config, 'push.sh'), '');
  });

  afterEach(async () => {
    await endProgram(waiter, 'SIGKILL');
    rmSync(folder, { recursive: true });
  });

  function start(): void {
    said = '';
    waiter = spawnKilledWithParent([...shell, '-c', SCRIPT, 'wait-for-files', config, secret], {
      env: { PATH: '/usr/bin:/bin' },
    });
    for (const stream of [waiter.stdout, waiter.stderr]) stream?.on('data', (data) => (said += data));
    ended = new Promise((resolve) => waiter.once('exit', resolve));
  }

  test('says nothing and ends where everything is there', async () => {
    writeFileSync(join(secret, 'password'), 'x');
    start();
    expect(await ended).toBe(0);
    expect(said).toBe('');
  });

  test('names once what is missing, and ends when it arrives', async () => {
    start();
    await eventually('the name', () => said.includes('waiting for Secret push-credentials: '));
    expect(waiter.exitCode).toBeNull();
    writeFileSync(join(secret, 'password'), 'x');
    expect(await ended).toBe(0);
    expect(said).toMatch(
      /^\S+Z waiting for Secret push-credentials: [^\n]+\n\S+Z Secret push-credentials is mounted\n$/,
    );
  });

  test('ends at once when the pod is deleted, and not as if everything were there', async () => {
    start();
    await eventually('the name', () => said.includes('waiting for'));
    waiter.kill('SIGTERM');
    expect(await ended).toBe(143);
  });
});
