import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequiredSecret, UsersFormat } from '../../lib/contracts/credentials';
import type { SecretManifest } from '../../lib/tools/credentials/manifest';
import { Cleanup } from '../runtime/cleanup';
import { freePort } from '../runtime/free-port';
import { endProgram, spawnKilledWithParent, tryRun } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import { parseSecrets, readLogin, runCredentials } from '../tools/credentials/environment';

const SERVER = 'monitoring/push-users';
const CLIENT = 'monitoring-edge/push-credentials';

/** Compares the output of the command to the programs that read it. */
describe.each<[string, UsersFormat]>([
  ['bcrypt', { key: 'auth', hash: 'bcrypt' }],
  ['{SHA}', { key: '.htpasswd', hash: 'sha1' }],
])('passwords in %s', (_, format) => {
  const host = 'push.example.com';
  const needed: readonly RequiredSecret[] = [
    { namespace: 'monitoring', name: 'push-users', host, side: 'server', format },
    { namespace: 'monitoring-edge', name: 'push-credentials', host, side: 'client' },
  ];
  const cleanup = new Cleanup();
  let users: string;
  let nginx: string;
  let printed: string;

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
    cleanup.add(() => rmSync(folder, { recursive: true }));
    users = join(folder, 'users');
    writeFileSync(users, '');
    nginx = await startNginx(folder, users, cleanup);
  });

  afterAll(() => cleanup.run());

  /** Runs the command, and gives the users that it printed to the server. */
  function apply(args: readonly string[], stdin?: string): ReadonlyMap<string, SecretManifest> {
    const { code, stdout, stderr } = runCredentials(args, stdin, { needed });
    if (code !== 0) throw new Error(stderr);
    printed = stdout;
    const secrets = parseSecrets(stdout);
    // nginx reads the file at every request.
    writeFileSync(users, secrets.get(SERVER)?.stringData[format.key] ?? '');
    return secrets;
  }

  async function answer(username: string, password: string): Promise<number> {
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    return (await fetch(nginx, { headers: { authorization } })).status;
  }

  /** Whether Apache's own program accepts it, too. */
  async function verified(username: string, password: string): Promise<boolean> {
    return (await tryRun('htpasswd', ['-vb', users, username, password])).code === 0;
  }

  async function expectAccepted(username: string, password: string): Promise<void> {
    expect(await answer(username, password)).toBe(200);
    expect(await verified(username, password)).toBe(true);
  }

  async function expectRefused(username: string, password: string): Promise<void> {
    expect(await answer(username, password)).toBe(401);
    expect(await verified(username, password)).toBe(false);
  }

  test('are accepted from whom they were made for, and from nobody else', async () => {
    const secrets = apply(['--user', 'edge', '--user', 'alice']);
    const edge = readLogin(secrets, CLIENT);
    const alice = readLogin(secrets, 'monitoring/push-users-alice');
    await expectAccepted(edge.username, edge.password);
    await expectAccepted('alice', alice.password);
    await expectRefused('edge', alice.password);
    await expectRefused('edge', `${edge.password}x`);
    await expectRefused('edge', edge.password.slice(0, -1));
    await expectRefused('bob', edge.password);
    expect((await fetch(nginx)).status).toBe(401);
  });

  test.each([
    ['of signs', 'a "quoted" \\ back$lash: \'#%'],
    ['beyond ASCII', 'über-Straße-日本語-🔑-geheim'],
    ['of 72 bytes', 'x'.repeat(72)],
  ])('%s are accepted as they stood on standard input', async (_name, password) => {
    const login = readLogin(apply(['--password-stdin'], `${password}\n`), CLIENT);
    expect(login.password).toBe(password);
    await expectAccepted('edge', password);
    await expectRefused('edge', password.slice(0, -1));
  });

  test.each([
    'Alice@example.com',
    "o'hara",
    '0X1F',
    '$2y$',
    '{SHA}x',
    'x'.repeat(80),
    '!"#$%&()*+,-./;<=>?[\\]^_`|~',
  ])('are accepted from a user of the name %j', async (user) => {
    const { password } = readLogin(apply(['--user', user]), CLIENT);
    await expectAccepted(user, password);
  });

  test('are both accepted while a fleet moves over, and the new one after it did', async () => {
    const old = readLogin(apply([]), CLIENT);
    const next = readLogin(apply(['--rotate'], printed), CLIENT);
    expect([old.username, next.username]).toEqual(['edge', 'edge-2']);
    await expectAccepted(old.username, old.password);
    await expectAccepted(next.username, next.password);

    apply(['--retire', 'edge', '--force'], printed);
    await expectRefused(old.username, old.password);
    await expectAccepted(next.username, next.password);
  });

  test('are kept where others were made by htpasswd', async () => {
    const { stdout } = await tryRun('htpasswd', ['-nbm', 'edge', 'by hand']);
    const stringData = { [format.key]: stdout };
    const metadata = { name: 'push-users', namespace: 'monitoring' };
    const next = readLogin(
      apply(['--rotate'], JSON.stringify({ kind: 'Secret', metadata, stringData })),
      CLIENT,
    );
    await expectAccepted('edge', 'by hand');
    await expectAccepted(next.username, next.password);
  });
});

/** An nginx that lets in who has a line in the file of users, on a port of its own. */
async function startNginx(folder: string, users: string, cleanup: Cleanup): Promise<string> {
  // Its workers are not root.
  chmodSync(folder, 0o755);
  const address = `127.0.0.1:${await freePort()}`;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  server {
    listen ${address};
    auth_basic push;
    auth_basic_user_file ${users};
    location / { try_files /none @empty; }
    location @empty { return 200; }
  }
}
`,
  );
  const command = ['nginx', '-p', folder, '-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')];
  const child = spawnKilledWithParent(command, { stdio: 'ignore' });
  cleanup.add(() => endProgram(child));
  await eventually('nginx answers', async () => (await fetch(`http://${address}`)).status === 401);
  return `http://${address}`;
}
