import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cleanup } from '../runtime/cleanup';
import { freePort } from '../runtime/free-port';
import { endProgram, spawnKilledWithParent, tryRun } from '../runtime/programs';
import { writeShippedScript } from '../runtime/scripts';
import { eventually } from '../runtime/wait';
import { UNUSABLE, UNUSABLE_USER } from '../support/credential-files';

const PASSWORD = 'a "quoted" \\ back$lash';
const SAMPLES = '# HELP up Whether it is up.\n# TYPE up gauge\nup{text="# HELP inside"} 1\n';

/** The script itself, by the shell of the image and by a second POSIX shell, against a real Pushgateway. */
describe.each([
  ['busybox ash', ['busybox', 'ash']],
  ['dash', ['dash']],
])('the script of the push sidecar, run by %s', (_, shell) => {
  const cleanup = new Cleanup();
  let folder: string;
  let pushgateway: string;
  let exporter: Server;
  let answer: RequestListener;
  let sidecar: ChildProcess;
  let said: string;

  beforeAll(async () => {
    pushgateway = await startPushgateway(cleanup);
    exporter = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => exporter.listen(0, '127.0.0.1', resolve));
    cleanup.add(() => exporter.closeAllConnections());
    cleanup.add(() => exporter.close());
  });

  afterAll(() => cleanup.run());

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'push-sidecar-'));
    for (const name of ['credentials', 'scratch']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'credentials/username'), 'edge\n');
    writeFileSync(join(folder, 'credentials/password'), `${PASSWORD}\n`);
    answer = (_request, response) => response.end(SAMPLES);
  });

  afterEach(async () => {
    await stop();
    rmSync(folder, { recursive: true });
  });

  const url = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;

  function start(environment: Record<string, string> = {}): void {
    said = '';
    const script = writeShippedScript(join(folder, 'push.sh'), 'edge/exporter/push-sidecar.sh');
    sidecar = spawnKilledWithParent([...shell, script], {
      env: {
        PATH: '/usr/bin:/bin',
        PUSH_URL: pushgateway,
        SOURCE_URL: url(exporter),
        JOB: 'job',
        INSTANCE: 'instance',
        NODE_NAME: 'node',
        INTERVAL_SECONDS: '1',
        CREDENTIALS_DIR: join(folder, 'credentials'),
        SCRATCH_DIR: join(folder, 'scratch'),
        ...environment,
      },
    });
    for (const stream of [sidecar.stdout, sidecar.stderr]) stream?.on('data', (data) => (said += data));
  }

  async function stop(): Promise<number | null> {
    await endProgram(sidecar);
    return sidecar.exitCode;
  }

  const hears = (text: string | RegExp) =>
    eventually(
      () => `the sidecar says ${text}, it said: ${said}`,
      () => said.match(text),
    );

  async function stored(): Promise<string> {
    const authorization = `Basic ${Buffer.from(`edge:${PASSWORD}`).toString('base64')}`;
    return (await fetch(`${pushgateway}/metrics`, { headers: { authorization } })).text();
  }

  test('pushes samples, without help texts, under job, instance and hostname', async () => {
    start();
    await hears('pushing to');
    expect(await stored()).toContain(
      'up{hostname="node",instance="instance",job="job",text="# HELP inside"} 1',
    );
    expect(await stored()).not.toContain('Whether it is up');
  });

  test.each(['a/b', 'über', 'a b', '..', 'x+y=z?'])('takes %j as a label', async (job) => {
    start({ JOB: job });
    await hears('pushing to');
    expect(await stored()).toContain(`job="${job}"`);
  });

  test('says each state once', async () => {
    start();
    await hears('pushing to');
    const lines = said;
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(said).toBe(lines);
    expect(said.trim().split('\n')).toHaveLength(2);
  });

  test.each<[string, RequestListener, string]>([
    ['nothing', (_request, response) => response.end(), 'contains no samples'],
    ['comments only', (_request, response) => response.end('# TYPE up gauge\n'), 'contains no samples'],
    ['an error', (_request, response) => response.writeHead(500).end(SAMPLES), 'cannot be scraped'],
    ['half a line', (_request, response) => response.end('up 1\nother'), 'is incomplete'],
    [
      'less than it announced',
      (_request, response) =>
        response.writeHead(200, { 'Content-Length': '1000' }).write(SAMPLES, () => response.destroy()),
      'cannot be scraped',
    ],
  ])('pushes nothing when the exporter answers %s', async (what, listener, reason) => {
    answer = listener;
    start({ INSTANCE: what });
    await hears(new RegExp(`not pushing: .*${reason}`));
    expect(await stored()).not.toContain(`instance="${what}"`);
  });

  test('says why a push is refused, and pushes again when the reason is gone', async () => {
    answer = (_request, response) => response.end('up 1 1700000000000\n');
    start();
    await hears(/failing: .* HTTP 400, .*timestamp/);
    answer = (_request, response) => response.end(SAMPLES);
    await hears('pushing to');
  });

  test('says that nobody listens', async () => {
    start({ PUSH_URL: 'http://127.0.0.1:9' });
    await hears('failing: http://127.0.0.1:9: no connection');
  });

  test('waits for credentials that are not there yet', async () => {
    rmSync(join(folder, 'credentials/password'));
    start();
    await hears(/no readable username and password in .*credentials, check the Secret/);
    writeFileSync(join(folder, 'credentials/password'), PASSWORD);
    await hears('pushing to');
  });

  test.each(['\n', '\r\n', ' \t\r\n\n'])('takes credentials that end in %j', async (end) => {
    writeFileSync(join(folder, 'credentials/username'), `edge${end}`);
    writeFileSync(join(folder, 'credentials/password'), `${PASSWORD}${end}`);
    start();
    await hears('pushing to');
  });

  test('says what is wrong with credentials that nothing can push with', async () => {
    for (const [, bytes, fault] of UNUSABLE) {
      writeFileSync(join(folder, 'credentials/password'), bytes);
      start();
      await hears(new RegExp(`failing: the password ${fault.source} in .*credentials, check the Secret`));
      expect(said).not.toContain('secret');
      await stop();
    }
    const [bytes, fault] = UNUSABLE_USER;
    writeFileSync(join(folder, 'credentials/username'), bytes);
    start();
    await hears(fault);
    expect(said).not.toContain('secret');
  });

  test('says once that the private authority is not there yet, and goes on when it arrives', async () => {
    const authority = join(folder, 'ca.crt');
    start({ CA_FILE: authority });
    await eventually('the reason', () =>
      said.includes(`failing: no readable CA certificate at ${authority}`),
    );
    writeFileSync(authority, '');
    await eventually('another state', () => !/no readable CA certificate[^\n]*\n$/.test(said));
    expect(said.match(/no readable CA certificate/g)).toHaveLength(1);
  });

  test('takes a new password without a restart', async () => {
    writeFileSync(join(folder, 'credentials/password'), 'wrong');
    start();
    await hears('HTTP 401, check the Secret of the credentials');
    writeFileSync(join(folder, 'credentials/password'), PASSWORD);
    await hears('pushing to');
  });

  test('shows its password nowhere: not in arguments, the environment, files or what it says', async () => {
    const seen = new Set<string>();
    start();
    const watch = setInterval(() => {
      for (const pid of descendants(sidecar.pid ?? 0)) seen.add(look(pid));
    }, 5);
    await hears('pushing to');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    clearInterval(watch);
    const scratch = readdirSync(join(folder, 'scratch')).map((name) =>
      readFileSync(join(folder, 'scratch', name), 'latin1'),
    );
    const everything = [...seen, ...scratch, said].join('\n');
    expect(everything).toContain('--upload-file');
    expect(everything).not.toContain('back$lash');
  });

  test.each(['the exporter', 'the link'])('ends when asked to, also while %s hangs', async (what) => {
    let asked = false;
    const hanging = createServer(() => {
      asked = true;
    });
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    start(what === 'the link' ? { PUSH_URL: url(hanging) } : { SOURCE_URL: url(hanging) });
    await eventually(`${what} is asked`, () => asked);
    expect(await stop()).toBe(0);
    expect(said).toContain('stopped');
    hanging.closeAllConnections();
    hanging.close();
  });

  test.each(['PUSH_URL', 'SOURCE_URL', 'JOB', 'CREDENTIALS_DIR', 'INTERVAL_SECONDS'])(
    'names %s when it is missing',
    async (name) => {
      start({ [name]: '' });
      await hears(name);
      await eventually('it ends', () => sidecar.exitCode !== null);
      expect(sidecar.exitCode).not.toBe(0);
    },
  );
});

/** A Pushgateway that asks for the password, on a port of its own. */
async function startPushgateway(cleanup: Cleanup): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'pushgateway-'));
  cleanup.add(() => rmSync(folder, { recursive: true }));
  const users = join(folder, 'web.yaml');
  const { stdout } = await tryRun('htpasswd', ['-niBC', '5', 'edge'], { input: PASSWORD });
  writeFileSync(users, `basic_auth_users:\n  edge: ${stdout.trim().replace('edge:', '')}\n`);
  const port = await freePort();
  const child = spawnKilledWithParent(
    ['prometheus-pushgateway', `--web.listen-address=127.0.0.1:${port}`, `--web.config.file=${users}`],
    { stdio: 'ignore' },
  );
  cleanup.add(() => endProgram(child));
  const address = `http://127.0.0.1:${port}`;
  await eventually('the Pushgateway answers', async () => (await fetch(`${address}/-/ready`)).status === 401);
  return address;
}

/** Processes below a process, at this moment. */
function descendants(pid: number): number[] {
  const children = peek(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return [...children, ...children.flatMap(descendants)];
}

/** Process data that other users of a machine can see. */
function look(pid: number): string {
  return ['cmdline', 'environ'].map((file) => peek(`/proc/${pid}/${file}`)).join('\n');
}

/** A file of a process, which may have ended meanwhile. */
function peek(path: string): string {
  try {
    return readFileSync(path, 'latin1').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
