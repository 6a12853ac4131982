import type { RequiredSecret } from '../../../lib/contracts/credentials';
import { EXIT } from '../../../lib/tools/commands/exit-codes';
import {
  createSecretsByName,
  GRAFANA,
  LOGS,
  NGINX,
  PUSH,
  readLogin,
  runCredentials,
  usersOf,
} from './environment';

const groups = ['north', 'site-1', 'south'];
const SERVER = 'monitoring/push-users';

const serverSecret = (host: string, name: string): RequiredSecret => ({
  ...{ namespace: 'monitoring', name, host, format: NGINX, groups },
  side: 'server',
});
const clientSecret = (host: string, name: string, group: string): RequiredSecret => ({
  ...{ namespace: 'monitoring-edge', name: `${name}-${group}`, host, group },
  side: 'client',
});

/** Secrets of two hosts with three groups, and of a host that people use. Two groups have clients in the environment. */
const grouped = {
  grouped: [
    serverSecret(PUSH, 'push-users'),
    clientSecret(PUSH, 'push-credentials', 'north'),
    clientSecret(PUSH, 'push-credentials', 'south'),
    serverSecret(LOGS, 'logs-users'),
    clientSecret(LOGS, 'logs-credentials', 'north'),
    { ...serverSecret(GRAFANA, 'grafana-users'), groups: undefined } as RequiredSecret,
  ],
};
/** Secrets of clients of groups. The server is not part of the environment. */
const elsewhere = {
  elsewhere: [
    clientSecret(PUSH, 'push-credentials', 'north'),
    clientSecret(PUSH, 'push-credentials', 'south'),
  ],
};

const createPushSecrets = (args: readonly string[], stdin?: string) =>
  createSecretsByName(['--host', PUSH, ...args], stdin, grouped);
const runWithGroups = (args: readonly string[], stdin?: string) =>
  runCredentials(['--host', PUSH, ...args], stdin, grouped).stdout;

describe('groups of nodes', () => {
  test('get a user each, of the name of the group, and people one of theirs', () => {
    const secrets = createSecretsByName([], undefined, grouped);
    expect(usersOf(secrets, SERVER)).toEqual(groups);
    expect(usersOf(secrets, 'monitoring/grafana-users')).toEqual(['edge']);
    const north = readLogin(secrets, 'monitoring-edge/push-credentials-north');
    const south = readLogin(secrets, 'monitoring-edge/push-credentials-south');
    expect([north.username, south.username]).toEqual(['north', 'south']);
    expect(north.password).not.toBe(south.password);
  });

  test('without clients here have a Secret to read the password in', () => {
    expect(readLogin(createPushSecrets([]), 'monitoring/push-users-site-1').username).toBe('site-1');
  });

  test('may get a user with a number, and clients get it', () => {
    const secrets = createPushSecrets(['--user', 'north-7', '--user', 'south', '--user', 'site-1']);
    expect(readLogin(secrets, 'monitoring-edge/push-credentials-north').username).toBe('north-7');
  });

  test.each<[string, string[], string]>([
    [
      'strangers',
      ['--user', 'edge'],
      '--user is edge, which does not belong to a group of the host push.example.com; allowed: the name of a group (north, site-1,',
    ],
    [
      'a group left out',
      ['--user', 'north', '--user', 'south'],
      'no --user belongs to these groups: site-1; their nodes could not push',
    ],
    [
      'one user for all clients',
      ['--client-user', 'north'],
      '--client-user is north, but the host push.example.com has groups, and each client uses the user of its group: remove --client-user',
    ],
  ])('take no %s', (_, args, message) => {
    const { code, stdout, stderr } = runCredentials(['--host', PUSH, ...args], undefined, grouped);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
  });

  test('take a password for one of them only, where the server is elsewhere', () => {
    const args = ['--password-stdin', '--host', PUSH];
    expect(runCredentials(args, undefined, elsewhere)).toMatchObject({
      code: EXIT.usage,
      stderr: expect.stringContaining('but the users are north, south: use --user once'),
    });
    const secrets = createSecretsByName([...args, '--user', 'south'], 'sixteen letters!', elsewhere);
    expect([...secrets.keys()]).toEqual(['monitoring-edge/push-credentials-south']);
  });
});

describe('--rotate', () => {
  test('adds a user to every group, and clients get that of theirs', () => {
    const secrets = createPushSecrets(['--rotate'], runWithGroups([]));
    expect(usersOf(secrets, SERVER)).toEqual([...groups, 'north-2', 'site-1-2', 'south-2']);
    expect(readLogin(secrets, 'monitoring-edge/push-credentials-south').username).toBe('south-2');
    expect(readLogin(secrets, 'monitoring/push-users-site-1-2').username).toBe('site-1-2');
  });

  test.each([
    ['--group', 'north'],
    ['--user', 'north'],
  ])('adds one to the group that %s names, and leaves the others alone', (option, name) => {
    const secrets = createPushSecrets(['--rotate', option, name], runWithGroups([]));
    expect(usersOf(secrets, SERVER)).toEqual([...groups, 'north-2']);
    expect([...secrets.keys()]).toEqual([SERVER, 'monitoring-edge/push-credentials-north']);
  });

  test('gives a group that is new its first user, beside one who was there before there were groups', () => {
    const before = runCredentials(['--host', PUSH], undefined, {
      before: [{ ...serverSecret(PUSH, 'push-users'), groups: undefined } as RequiredSecret],
    }).stdout;
    const secrets = createPushSecrets(['--rotate', '--group', 'site-1'], before);
    expect(usersOf(secrets, SERVER)).toEqual(['edge', 'site-1']);
    const { code, stderr } = runCredentials(['--host', PUSH, '--rotate', '--user', 'edge'], before, grouped);
    expect([code, stderr]).toEqual([
      1,
      'credentials: --user is edge, but no group of the host push.example.com has this user; allowed: edge; ' +
        'or use --group with one of these groups: north, site-1, south\n',
    ]);
  });

  test('is for the hosts that have the group', () => {
    const input = runCredentials([], undefined, grouped).stdout;
    const secrets = createSecretsByName(['--rotate', '--group', 'south'], input, grouped);
    expect(usersOf(secrets, 'monitoring/logs-users')).toContain('south-2');
    expect(secrets.has('monitoring/grafana-users')).toBe(false);
    expect(runCredentials(['--rotate', '--group', 'west'], '', grouped)).toMatchObject({
      code: EXIT.usage,
      stderr: expect.stringContaining('--group is "west"; allowed: north, site-1, south'),
    });
  });
});

test('--retire cuts off the last user of a group, and no other', () => {
  const secrets = createPushSecrets(['--retire', 'north', '--force'], runWithGroups([]));
  expect(usersOf(secrets, SERVER)).toEqual(['site-1', 'south']);
});
