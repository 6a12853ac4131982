import { createHash } from 'node:crypto';
import { compareSync } from 'bcryptjs';
import type { RequiredSecret } from '../../../lib/contracts/credentials';
import {
  createSecretsByName,
  ENVOY,
  edgeOnly,
  GRAFANA,
  htpasswdLinesOf,
  LOGS,
  NGINX,
  PUSH,
  readLogin,
  reference,
  runCredentials,
  usersOf,
} from './environment';

const PASSWORD = 'sixteen letters!';

describe('the Secrets of an environment', () => {
  test('are all that it needs, each once, servers before their clients', () => {
    const twice = [...reference, ...reference];
    expect([...createSecretsByName([], undefined, { reference: twice }).keys()]).toEqual([
      'monitoring/grafana-users',
      'monitoring/logs-users',
      'monitoring/push-users',
      'business/push-credentials',
      'monitoring-edge/logs-credentials',
      'monitoring-edge/push-credentials',
      'monitoring/grafana-users-edge',
    ]);
  });

  test('come in the same order whoever asked first', () => {
    const second = reference.map((one) => ({ ...one, name: `a-${one.name}` }));
    const keys = (reference: readonly RequiredSecret[]) => [
      ...createSecretsByName([], undefined, { reference }).keys(),
    ];
    expect(keys([...second, ...reference])).toEqual(keys([...reference, ...second]));
  });

  test('are what kubectl takes', () => {
    const secrets = createSecretsByName([]);
    expect(secrets.get('monitoring/push-users')).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'push-users', namespace: 'monitoring' },
      type: 'Opaque',
      stringData: { auth: expect.stringMatching(/^edge:.*\n$/) },
    });
    expect(secrets.get('monitoring-edge/push-credentials')).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'push-credentials', namespace: 'monitoring-edge' },
      type: 'kubernetes.io/basic-auth',
      stringData: { username: 'edge', password: expect.stringMatching(/^[\w-]{32}$/) },
    });
  });

  test('have the type and the key that the server reads', () => {
    const format = { key: 'htpasswd', hash: 'bcrypt', type: 'nginx.org/htpasswd' } as const;
    const typed = reference.map((secret) => (secret.side === 'server' ? { ...secret, format } : secret));
    const secret = createSecretsByName([], undefined, { reference: typed }).get('monitoring/push-users');
    expect(secret?.type).toBe('nginx.org/htpasswd');
    expect(Object.keys(secret?.stringData ?? {})).toEqual(['htpasswd']);
  });

  test('share a password on both sides of a host, and with no other host', () => {
    const secrets = createSecretsByName([]);
    const push = readLogin(secrets, 'monitoring-edge/push-credentials').password;
    const logs = readLogin(secrets, 'monitoring-edge/logs-credentials').password;
    expect(readLogin(secrets, 'business/push-credentials').password).toBe(push);
    expect(logs).not.toBe(push);
    const [bcrypt = ''] = htpasswdLinesOf(secrets, 'monitoring/push-users');
    expect(compareSync(push, bcrypt.replace('edge:', ''))).toBe(true);
    const sha1 = createHash('sha1').update(logs).digest('base64');
    expect(htpasswdLinesOf(secrets, 'monitoring/logs-users')).toEqual([`edge:{SHA}${sha1}`]);
  });

  test('are those of one host when it is named', () => {
    expect([...createSecretsByName(['--host', LOGS]).keys()]).toEqual([
      'monitoring/logs-users',
      'monitoring-edge/logs-credentials',
    ]);
  });

  test('hold new passwords at every run', () => {
    const password = () => readLogin(createSecretsByName([]), 'monitoring-edge/push-credentials').password;
    expect(password()).not.toBe(password());
  });

  test('are texts to kubectl whatever they look like', () => {
    const { stdout } = runCredentials(
      ['--user', '0X1F', '--password-stdin', '--host', PUSH],
      '0o12345670123456\n',
    );
    expect(stdout).toContain('username: "0X1F"');
    expect(stdout).toContain('password: "0o12345670123456"');
  });
});

describe('users', () => {
  test('are all known to the server, and the first one to clients', () => {
    const secrets = createSecretsByName(['--user', 'fleet', '--user', 'Alice', '--host', PUSH]);
    expect(usersOf(secrets, 'monitoring/push-users')).toEqual(['fleet', 'Alice']);
    expect(readLogin(secrets, 'monitoring-edge/push-credentials').username).toBe('fleet');
  });

  test('are known to clients when one is chosen', () => {
    const secrets = createSecretsByName([
      '--user',
      'fleet',
      '--user',
      'alice',
      '--client-user',
      'alice',
      '--host',
      PUSH,
    ]);
    expect(readLogin(secrets, 'monitoring-edge/push-credentials').username).toBe('alice');
    expect(secrets.has('monitoring/push-users-fleet')).toBe(true);
  });

  test('have a Secret with their password beside the users where no client needs one', () => {
    const secrets = createSecretsByName(['--user', 'fleet', '--user', 'Alice@a.b', '--host', PUSH]);
    const { username, password } = readLogin(secrets, 'monitoring/push-users-alice-a-b');
    expect(username).toBe('Alice@a.b');
    const [, alice = ''] = htpasswdLinesOf(secrets, 'monitoring/push-users');
    expect(compareSync(password, alice.replace('Alice@a.b:', ''))).toBe(true);
    expect(runCredentials(['--host', GRAFANA]).stderr).toContain(
      'note: no client uses the password of the user edge: read the password from the Secret monitoring/grafana-users-edge',
    );
  });

  test.each([
    [['--user', 'fleet', '--user', 'A', '--user', 'a'], 'monitoring/push-users-a'],
    [['--user', 'fleet', '--user', '@'], 'monitoring/push-users'],
  ])('%j cannot have Secrets of one name', (users, name) => {
    const { code, stdout, stderr } = runCredentials([...users, '--host', PUSH]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `credentials: two Secrets would have the name ${name}: use another user name in --user\n`,
    );
  });
});

describe('--password-stdin', () => {
  test('takes the password that is there', () => {
    const secrets = createSecretsByName(['--password-stdin', '--host', PUSH], `${PASSWORD}\n`);
    expect(readLogin(secrets, 'monitoring-edge/push-credentials').password).toBe(PASSWORD);
    const [line = ''] = htpasswdLinesOf(secrets, 'monitoring/push-users');
    expect(compareSync(PASSWORD, line.replace('edge:', ''))).toBe(true);
  });

  test('writes a password that somebody knows into no further Secret', () => {
    const args = ['--password-stdin', '--host', GRAFANA, '--user', 'alice'];
    const secrets = createSecretsByName(args, PASSWORD);
    expect([...secrets.keys()]).toEqual(['monitoring/grafana-users']);
    expect(runCredentials(args, PASSWORD).stdout).not.toContain(PASSWORD);
  });

  test('gives clients the password of a server that is elsewhere', () => {
    const secrets = createSecretsByName(['--password-stdin', '--user', 'north'], PASSWORD, {
      'edge-only': edgeOnly,
    });
    expect([...secrets.values()].map(({ stringData }) => stringData)).toEqual([
      { username: 'north', password: PASSWORD },
    ]);
  });
});

test('a password that the server would never learn is not made', () => {
  const { code, stdout, stderr } = runCredentials([], undefined, { 'edge-only': edgeOnly });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain(`this environment does not contain the server behind the host ${PUSH}`);
  expect(stderr).toContain(`--host ${PUSH} --user NAME --password-stdin`);
});

test.each<[string, RequiredSecret, string]>([
  [
    'the users of another host',
    { namespace: 'monitoring', name: 'push-users', host: LOGS, side: 'server', format: NGINX },
    `one for the users of ${LOGS} (type Opaque, key auth, bcrypt), and one for the users of ${PUSH} (type Opaque`,
  ],
  [
    'its users in another format',
    { namespace: 'monitoring', name: 'push-users', host: PUSH, side: 'server', format: ENVOY },
    `one for the users of ${PUSH} (type Opaque, key .htpasswd, sha1), and one for the users of ${PUSH} (type Opaque`,
  ],
  [
    'the credentials of clients',
    { namespace: 'monitoring', name: 'push-users', host: PUSH, side: 'client' },
    `and one for the credentials of clients of ${PUSH}: set different names`,
  ],
])('one Secret cannot hold users and %s', (_, other, message) => {
  const { code, stdout, stderr } = runCredentials([], undefined, { reference: [...reference, other] });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('two components use the Secret monitoring/push-users, one for the users of');
  expect(stderr).toContain(message);
});
