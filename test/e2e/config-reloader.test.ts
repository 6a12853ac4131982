import type { ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProgram, spawnKilledWithParent } from '../runtime/programs';
import { writeShippedScript } from '../runtime/scripts';
import { eventually } from '../runtime/wait';

/** The script itself, by the shell of the image and by a second POSIX shell, beside an agent that listens. */
describe.each([
  ['busybox ash', ['busybox', 'ash']],
  ['dash', ['dash']],
])('the script of the config reloader, run by %s', (_, shell) => {
  let folder: string;
  let agent: Server;
  let status: number;
  let answer: string;
  let reloads: string[];
  /** Number of reloads of the agent, and whether it reloads on request. */
  let count: number;
  let obeys: boolean;
  /** Whether it is paused. */
  let paused: boolean;
  /** Reloads that are to come, which are of this test alone. */
  let coming: NodeJS.Timeout[];
  let reloader: ChildProcess;
  let said: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'config-reloader-'));
    for (const name of ['config', 'credentials']) mkdirSync(join(folder, name));
    writeVersion('one');
    writeFileSync(join(folder, 'credentials/password'), 'secret-1');
    status = 200;
    answer = '';
    reloads = [];
    count = 0;
    obeys = true;
    paused = false;
    coming = [];
    agent = createServer((request, response) => {
      if (request.url === '/metrics')
        return response.end(`paused{name="tail.0"} ${Number(paused)}\npaused{name="other"} 0\n`);
      if (request.method !== 'POST') return response.end(JSON.stringify({ hot_reload_count: count }));
      reloads.push(`${request.method} ${request.url}`);
      if (obeys) coming.push(setTimeout(() => count++, 1_500));
      return response.writeHead(status).end(answer);
    });
    await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve));
    start();
    await hears('watching');
  });

  afterEach(async () => {
    await stop();
    coming.forEach(clearTimeout);
    agent.closeAllConnections();
    agent.close();
    rmSync(folder, { recursive: true });
  });

  /** Files as a kubelet swaps them: links through a folder that is replaced at once. */
  function writeVersion(text: string): void {
    const version = mkdtempSync(join(folder, 'version-'));
    writeFileSync(join(version, 'agent.conf'), text);
    symlinkSync(version, join(folder, 'config/..data_tmp'));
    renameSync(join(folder, 'config/..data_tmp'), join(folder, 'config/..data'));
    if (text === 'one') symlinkSync('..data/agent.conf', join(folder, 'config/agent.conf'));
  }

  function start(more: NodeJS.ProcessEnv = {}): void {
    said = '';
    const { port } = agent.address() as AddressInfo;
    const script = writeShippedScript(join(folder, 'reload.sh'), 'agents/config-reloader.sh');
    reloader = spawnKilledWithParent([...shell, script], {
      env: {
        PATH: '/usr/bin:/bin',
        WATCH_DIRS: `${join(folder, 'config')} ${join(folder, 'credentials')}`,
        RELOAD_URL: `http://127.0.0.1:${port}/-/reload`,
        INTERVAL_SECONDS: '1',
        ...more,
      },
    });
    for (const stream of [reloader.stdout, reloader.stderr]) stream?.on('data', (data) => (said += data));
  }

  async function stop(): Promise<number | null> {
    await endProgram(reloader);
    return reloader.exitCode;
  }

  const hears = (text: string) =>
    eventually(
      () => `the reloader says ${text}, it said: ${said}`,
      () => said.includes(text),
    );
  const looks = (times: number) => new Promise((resolve) => setTimeout(resolve, times * 1_000 + 500));

  test('writes a line now and then, whatever happens', async () => {
    await stop();
    start({ SIGN_SECONDS: '1' });
    await eventually('it has written three', () => said.split('watching').length > 3);
    expect(reloads).toEqual([]);
  });

  test('reloads once when a file was swapped, and not before', async () => {
    await looks(2);
    expect(reloads).toEqual([]);
    writeVersion('two');
    await hears('reloaded:');
    await looks(2);
    expect(reloads).toEqual(['POST /-/reload']);
  });

  test('reloads when a password changes, and does not say it', async () => {
    writeFileSync(join(folder, 'credentials/password'), 'secret-2');
    await hears('reloaded:');
    expect(said).not.toContain('secret');
  });

  test('takes files as loaded when the agent answers that they mean the same as before', async () => {
    await stop();
    const unchanged = 'config has not changed';
    start({ UNCHANGED_ANSWER: unchanged });
    await hears('watching');
    status = 500;
    answer = 'failed to reload config: no such label';
    writeVersion('two');
    await hears('not reloaded:');
    answer = `failed to reload config: ${unchanged}`;
    await hears('Z reloaded:');
    const before = reloads.length;
    await looks(2);
    expect(reloads.length).toBe(before);
  });

  test('keeps the password of each user in a file of its own', async () => {
    await stop();
    const credentials = join(folder, 'credentials');
    const passwords = join(folder, 'passwords');
    mkdirSync(passwords);
    const password = (user: string) => readFileSync(join(passwords, user), 'utf8').trim();
    writeFileSync(join(credentials, 'username'), ' edge/north\r\n');
    start({ CREDENTIALS_DIR: credentials, PASSWORDS_DIR: passwords });
    await eventually('the first one is there', () => existsSync(join(passwords, 'edge_north')));
    expect(password('edge_north')).toBe('secret-1');
    writeFileSync(join(credentials, 'password'), 'secret-2\n');
    await eventually('it is replaced', () => password('edge_north') === 'secret-2');
    // As a kubelet mounts a Secret: both files change at once.
    const version = mkdtempSync(join(folder, 'version-'));
    writeFileSync(join(version, 'username'), 'other');
    writeFileSync(join(version, 'password'), 'secret-3');
    symlinkSync(version, join(credentials, '..data'));
    await eventually('another user has one', () => existsSync(join(passwords, 'other')));
    expect([password('other'), password('edge_north')]).toEqual(['secret-3', 'secret-2']);
    expect(statSync(join(passwords, 'other')).mode & 0o777).toBe(0o600);
    expect(readdirSync(passwords)).toEqual(['edge_north', 'other']);
    expect(said).not.toContain('secret');
  });

  test('tries again what the agent refuses, and says so once', async () => {
    status = 400;
    writeVersion('broken');
    await hears('not reloaded:');
    await eventually('it has tried three times', () => reloads.length > 2);
    expect(said.match(/not reloaded/g)).toHaveLength(1);
    status = 200;
    await hears(' reloaded:');
  });

  describe('of an agent that answers before it has reloaded', () => {
    beforeEach(async () => {
      await stop();
      const { port } = agent.address() as AddressInfo;
      start({ RELOAD_COUNT_URL: `http://127.0.0.1:${port}/-/reload`, RELOAD_SECONDS: '3' });
      await hears('watching');
    });

    test('says that it has when its count of reloads says so', async () => {
      writeVersion('two');
      await hears('reloaded:');
      expect(said).toMatch(/Z reloaded:/);
      expect(count).toBe(1);
      await looks(2);
      expect(reloads).toHaveLength(1);
    });

    test('says that it has not, and tries again', async () => {
      obeys = false;
      writeVersion('broken');
      await hears('not reloaded:');
      expect(said).not.toMatch(/Z reloaded:/);
      obeys = true;
      await hears('Z reloaded:');
      expect(reloads.length).toBeGreaterThan(1);
    });
  });

  describe('of an agent that keeps deleted files open while it is paused', () => {
    const restart = async (more: NodeJS.ProcessEnv) => {
      await stop();
      const { port } = agent.address() as AddressInfo;
      const metrics = { METRICS_URL: `http://127.0.0.1:${port}/metrics`, PAUSED_METRIC: 'paused' };
      start({ DISK_DIRS: `${folder} /nowhere`, ...metrics, ...more });
      await hears('watching');
    };

    test('has them closed when a disk is full, and no more often than it is told', async () => {
      await restart({ MOST_USED_PERCENT: '0' });
      await looks(2);
      expect(reloads).toEqual([]);
      paused = true;
      await hears('Z reloaded: a disk is at least 0 % full');
      await looks(2);
      expect(reloads).toHaveLength(1);
    });

    test('leaves them to it as long as there is room', async () => {
      paused = true;
      await restart({ MOST_USED_PERCENT: '101' });
      await looks(2);
      expect(reloads).toEqual([]);
    });
  });

  test('ends at once where it could see no change, and says why', async () => {
    await stop();
    const programs = join(folder, 'programs');
    mkdirSync(programs);
    for (const name of ['date', 'sleep']) symlinkSync(`/usr/bin/${name}`, join(programs, name));
    start({ PATH: programs });
    await hears('the image has no cksum');
    await eventually('it has ended', () => reloader.exitCode !== null);
    expect(reloader.exitCode).toBe(1);
  });

  test('ends when asked to', async () => {
    expect(await stop()).toBe(0);
    expect(said).toContain('stopped');
  });
});
