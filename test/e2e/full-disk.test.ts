import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from '../runtime/cleanup';
import { freePort } from '../runtime/free-port';
import { startRecordedProgram } from '../runtime/heard-program';
import { run, tryRun } from '../runtime/programs';
import { writeShippedScript } from '../runtime/scripts';
import { eventually } from '../runtime/wait';

const RESERVE_KIB = 4_096;
const cleanup = new Cleanup();
let folder: string;

afterAll(() => cleanup.run());

/** Starts a program, and returns its output; it must not exit before the test does. */
function start(command: readonly string[], env: Record<string, string> = {}) {
  const { child, said } = startRecordedProgram(command, cleanup, env);
  return { says: () => said.join(''), hasEnded: () => child.exitCode !== null };
}

test('a full disk does not end the agent: it gives its reserve up, queues no more, and goes on by itself', async () => {
  folder = mkdtempSync(join(tmpdir(), `e2e-${process.pid}-disk-`));
  cleanup.add(() => rmSync(folder, { recursive: true }));
  const path = (name: string) => join(folder, name);
  for (const name of ['state', 'active']) mkdirSync(path(name));
  run('mount', '-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', path('state'));
  cleanup.add(() => run('umount', path('state')));
  const port = await freePort();
  writeFileSync(
    path('jobs.yaml'),
    `- { job_name: a, scrape_interval: 1s, static_configs: [{ targets: ['127.0.0.1:${port}'] }] }\n`,
  );
  writeFileSync(path('scrape.yaml'), `scrape_config_files: ['${path('active')}/*.yaml']\n`);
  const script = writeShippedScript(path('guard.sh'), 'edge/metrics-agent/clock-guard.sh');
  const guard = start(['busybox', 'ash', script], {
    ...{ SOURCE_DIRS: path('config'), FILES_DIR: path('state/files'), CREDENTIALS_DIR: path('credentials') },
    ...{ TIME_URL: 'https://127.0.0.1:1/', JOBS_FILE: path('jobs.yaml'), ACTIVE_DIR: path('active') },
    ...{ STATE_DIR: path('state'), QUEUES_DIR: path('state/queue/persistent-queue') },
    ...{ STOPPED_FILE: path('stopped') },
    ...{ RESERVE_KIB: `${RESERVE_KIB}`, LIMIT_SECONDS: '300', RECHECK_SECONDS: '600', INTERVAL_SECONDS: '1' },
  });
  const agent = start([
    'vmagent',
    ...[`-promscrape.config=${path('scrape.yaml')}`, '-promscrape.configCheckInterval=1s'],
    ...[`-httpListenAddr=127.0.0.1:${port}`, '-remoteWrite.flushInterval=1s'],
    ...['-remoteWrite.url=http://127.0.0.1:1/', `-remoteWrite.tmpDataPath=${path('state/queue')}`],
  ]);
  const pending = async () => {
    const { stdout } = await tryRun('curl', ['--silent', `http://127.0.0.1:${port}/metrics`]);
    return Number(/^vmagent_remotewrite_pending_data_bytes\{.*\} (\S+)$/m.exec(stdout)?.[1] ?? 0);
  };
  await eventually('samples are queued', async () => (await pending()) > 20_000);
  await tryRun('dd', ['if=/dev/zero', `of=${path('state/other')}`, 'bs=1M']);
  await eventually('the guard stops the measuring', () => guard.says().includes('the disk is full'));
  expect(agent.hasEnded()).toBe(false);
  rmSync(path('state/other'));
  const lastOf = (text: string) => text.trim().split('\n').at(-1) ?? '';
  await eventually('it measures again', () => lastOf(guard.says()).includes('Z measuring: the clock'));
  const before = await pending();
  await eventually('samples are queued again', async () => (await pending()) > before);
  expect(agent.says()).not.toMatch(/panic|no space left/i);
});

test('a first start on a full disk waits for room, and the agent starts with as little as it waited for', async () => {
  const place = mkdtempSync(join(tmpdir(), `e2e-${process.pid}-first-`));
  cleanup.add(() => rmSync(place, { recursive: true }));
  const path = (name: string) => join(place, name);
  for (const name of ['state', 'active', 'config']) mkdirSync(path(name));
  writeFileSync(path('config/scrape.yaml'), 'scrape_configs: []\n');
  run('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path('state'));
  cleanup.add(() => run('umount', path('state')));
  await tryRun('dd', ['if=/dev/zero', `of=${path('state/other')}`, 'bs=64k']);
  const script = writeShippedScript(path('keeper.sh'), 'edge/metrics-agent/queue-keeper.sh');
  const keeper = start(['busybox', 'ash', script], {
    ...{ SOURCE_DIRS: path('config'), FILES_DIR: path('state/files'), ACTIVE_DIR: path('active') },
    ...{ TIME_URL: 'https://127.0.0.1:1/', STATE_DIR: path('state'), LEAST_KIB: '1024' },
    ...{ LOGIN_FILE: path('login') },
    ...{ QUEUES_DIR: path('state/queue/persistent-queue'), QUEUE_NAME: '1_0', MAX_AGE_SECONDS: '600' },
  });
  await eventually('the keeper waits', () => keeper.says().includes('waiting: less than 1024 KiB are free'));
  expect(keeper.hasEnded()).toBe(false);
  run('truncate', '--size=2900K', path('state/other'));
  await eventually('the keeper ends', () => keeper.hasEnded());
  expect(readFileSync(path('state/files/config/scrape.yaml'), 'utf8')).toBe('scrape_configs: []\n');
  const port = await freePort();
  const agent = start([
    ...['vmagent', `-promscrape.config=${path('state/files/config/scrape.yaml')}`],
    ...[`-httpListenAddr=127.0.0.1:${port}`, '-remoteWrite.url=http://127.0.0.1:1/'],
    `-remoteWrite.tmpDataPath=${path('state/queue')}`,
  ]);
  await eventually('the agent runs, and says how much room is left', async () => {
    const { stdout } = await tryRun('curl', ['--silent', `http://127.0.0.1:${port}/metrics`]);
    const [, free] = /^vm_persistentqueue_free_disk_space_bytes\{.*\} (\S+)$/m.exec(stdout) ?? [];
    return free !== undefined && Number(free) < 4 * 2 ** 20;
  });
  expect(agent.says()).not.toMatch(/panic|no space left/i);
});
