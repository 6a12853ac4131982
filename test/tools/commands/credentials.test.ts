import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { reference as environment } from '../../../examples/environments/reference';
import { EXIT } from '../../../lib/tools/commands/exit-codes';
import { callCommand } from '../../support/recorded-io';
import { GRAFANA, LOGS, PUSH, reference, runCredentials } from '../credentials/environment';

const two = { reference, other: reference };
const SECRET = 'hunter2-hunter2-hunter2';

describe('what is said', () => {
  test('names Secrets and users on standard error, and no password or hash', () => {
    const { code, stdout, stderr } = runCredentials(['--host', PUSH, '--user', 'fleet']);
    expect(code).toBe(0);
    expect(stderr).toBe(
      [
        'credentials: reference: 3 Secrets',
        '  monitoring/push-users: fleet',
        '  business/push-credentials: fleet',
        '  monitoring-edge/push-credentials: fleet',
        'note: these users replace all users in the Secrets; in a running environment, ' +
          'use --rotate instead, so that nodes keep access',
        '',
      ].join('\n'),
    );
    const [, password = ''] = /password: "(.{32})"/.exec(stdout) ?? [];
    const [, hash = ''] = /fleet:(\S+)/.exec(stdout) ?? [];
    expect([password.length, hash.length]).toEqual([32, 60]);
    for (const secret of [password, hash]) expect(stderr).not.toContain(secret);
  });

  test('is on a terminal that what it shows is secret', () => {
    const terminal = { stdoutIsTerminal: true };
    const { stdout, stderr } = runCredentials([], undefined, undefined, terminal);
    expect(stdout).toContain('password: ');
    expect(stderr).toContain('note: the output contains passwords');
    expect(runCredentials([]).stderr).not.toContain('what was printed');
    const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
    const written = runCredentials(['--output', folder], undefined, undefined, terminal);
    rmSync(folder, { recursive: true });
    expect(written.stderr).toContain(`Secrets in ${folder}\n`);
    expect(written.stderr).not.toContain('what was printed');
  });
});

describe('the environment', () => {
  test('may be left out when there is one, and is chosen when there are more', () => {
    expect(runCredentials([]).stderr).toContain('credentials: reference: ');
    expect(runCredentials(['--environment', 'reference']).code).toBe(0);
    expect(runCredentials(['--environment', 'other'], undefined, two).stderr).toContain(
      'credentials: other: ',
    );
  });

  test('has Secrets of users', () => {
    const { code, stderr } = runCredentials([], undefined, { empty: [] });
    expect([code, stderr]).toEqual([
      1,
      'credentials: environment empty uses no Secrets with users and passwords, so there is nothing to create\n',
    ]);
  });

  test('is there', () => {
    expect(runCredentials([], undefined, {})).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('has no environment'),
    });
  });
});

test('--help explains every option, and reads nothing', () => {
  const { code, stdout, stderr } = runCredentials(['--help'], undefined, {});
  expect([code, stderr]).toEqual([0, '']);
  const options = (/allowed: (.*)/.exec(runCredentials(['--unknown']).stderr)?.[1] ?? '').split(', ');
  expect(options).toContain('--retire');
  for (const option of options) expect(stdout).toMatch(new RegExp(`^ {2}${option} `, 'm'));
});

describe('called wrongly', () => {
  test.each<[string, string[], string]>([
    [
      'an unknown option',
      ['--hosts', 'a'],
      'unknown option --hosts; allowed: --help, --environment, --host,',
    ],
    ['an option without its value', ['--user'], '--user requires a value'],
    ['a value that looks like an option', ['--user', '--force'], '--user requires a value'],
    ['a value too many', [`--rotate=${SECRET}`], '--rotate does not accept a value'],
    ['a password', ['--password', SECRET], 'a password cannot be an argument: pipe it to --password-stdin'],
    ['a password, joined', [`--password=${SECRET}`], 'a password cannot be an argument'],
    ['an option that is misspelt', [`--pasword=${SECRET}`], 'unknown option --pasword; allowed: '],
    ['an option as of mysql', [`-p${SECRET}`], 'unknown option -p; allowed: '],
    ['a word too many', ['--password-stdin', SECRET], 'unexpected argument'],
    ['no environment', [], '--environment is missing; allowed: reference, other'],
    ['an unknown environment', ['--environment', 'x'], '--environment is "x"; allowed: reference, other'],
    [
      'an environment that every object has',
      ['--environment', 'constructor'],
      '--environment is "constructor"; allowed: reference, other',
    ],
    [
      'an unknown host',
      ['--environment', 'other', '--host', `https://edge:${SECRET}@${PUSH}`],
      `--host is "https://***@${PUSH}"; allowed: ${GRAFANA}, ${LOGS}, ${PUSH}`,
    ],
    [
      'two tasks',
      ['--rotate', '--retire', 'a'],
      '--retire cannot be combined with --rotate; allowed: --user, --group\n',
    ],
    [
      '--force alone',
      ['--force'],
      '--force cannot be combined with the creation of users; --force requires --retire; allowed: --user, --client-user,',
    ],
    [
      '--access-log alone',
      ['--access-log', 'x'],
      '--access-log cannot be combined with the creation of users',
    ],
    [
      'a client of --rotate',
      ['--rotate', '--client-user', 'a'],
      '--client-user cannot be combined with --rotate',
    ],
    [
      'a password of --rotate',
      ['--rotate', '--password-stdin'],
      '--password-stdin cannot be combined with --rotate',
    ],
    ['a user of --retire', ['--retire', 'a', '--user', 'b'], '--user cannot be combined with --retire'],
    [
      'a user and a group',
      ['--rotate', '--user', 'a', '--group', 'b'],
      '--user cannot be combined with --group',
    ],
    [
      'a group of new users',
      ['--group', 'a'],
      '--group cannot be combined with the creation of users; --group requires --rotate; allowed: --user',
    ],
    [
      'a group that no host has',
      ['--environment', 'other', '--rotate', '--group', 'a'],
      '--group is "a"; allowed: no group, because no host has groups',
    ],
    [
      'two users of --rotate',
      ['--rotate', '--user', 'a', '--user', 'b'],
      'with --rotate, pass only the user',
    ],
    [
      'an access log on standard input',
      ['--retire', 'a', '--access-log', '-'],
      '--access-log is "-", but standard input',
    ],
    [
      'one password for two users',
      ['--environment', 'other', '--password-stdin', '--host', PUSH, '--user', 'a', '--user', 'b'],
      '--password-stdin sets the password of one user',
    ],
    [
      'one password for all hosts',
      ['--environment', 'other', '--password-stdin'],
      `--password-stdin sets the password of one host: select it with --host; allowed: ${GRAFANA}, ${LOGS}, ${PUSH}`,
    ],
  ])('with %s, it says so and does nothing', (_, args, message) => {
    const { code, stdout, stderr } = runCredentials(args, undefined, two);
    expect([code, stdout]).toEqual([EXIT.usage, '']);
    expect(stderr).toMatch(/^credentials: .*\nSee: npm run --silent credentials -- --help\n$/);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain(SECRET);
  });

  test('with a password that is typed, it says how to pipe one in', () => {
    const args = ['--password-stdin', '--host', PUSH];
    const { code, stderr } = runCredentials(args, undefined, undefined, { stdinIsTerminal: true });
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain('standard input is a terminal: pipe the password to standard input');
  });
});

describe('given what cannot be used', () => {
  test.each<[string, string[], string]>([
    [
      'a user with a password',
      ['--user', `edge:${SECRET}`],
      '--user is "edge:***"; allowed: 1 to 80 printable ASCII characters without spaces and colons',
    ],
    ['a user with a space', ['--user', 'a b'], '--user is "a b"; allowed: 1 to 80'],
    ['an empty user', ['--user', ''], '--user is ""; allowed: 1 to 80'],
    [
      'a user twice',
      ['--user', 'a', '--user', 'b', '--user', 'a'],
      'the user a is given more than once; allowed: --user once for each user',
    ],
    ['a client of no user', ['--user', 'a', '--client-user', 'b'], '--client-user is b; allowed: a'],
    ['a client with a password', ['--client-user', `a:${SECRET}`], '--client-user is "a:***"; allowed:'],
    ['a user to rotate', ['--rotate', '--user', `a:${SECRET}`], '--user is "a:***"; allowed:'],
    ['a user to retire', ['--retire', `a:${SECRET}`, '--force'], '--retire is "a:***"; allowed:'],
    ['an empty user to retire', ['--retire', '', '--force'], '--retire is ""; allowed:'],
  ])('such as %s, it says so and prints nothing', (_, args, message) => {
    const { code, stdout, stderr } = runCredentials(args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^credentials: .*\n$/);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain(SECRET);
  });

  test('such as a short password, it does not show it', () => {
    const { code, stdout, stderr } = runCredentials(['--password-stdin', '--host', PUSH], 'hunter2\n');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('the password on standard input has 7 characters; allowed: ');
    expect(stderr).not.toContain('hunter2');
  });
});

test('an error of the program itself is not taken for one of its user', () => {
  const stdout = () => {
    throw new TypeError('a defect');
  };
  const { code, stderr } = runCredentials([], undefined, undefined, { stdout });
  expect(code).toBe(EXIT.failed);
  expect(stderr).toMatch(/^credentials: TypeError: a defect\n {4}at /);
});

test('the Secrets of the reference environment are those that its manifests name', async () => {
  const args = ['credentials', '--environment', 'reference', '--host', 'push.edge.example.com'];
  const { code, stdout, stderr } = await callCommand(args, { reference: environment });
  expect(code).toBe(EXIT.done);
  const [server, client] = parseAllDocuments(stdout).map((document) => document.toJS());
  expect(server).toMatchObject({
    metadata: { namespace: 'monitoring', name: 'push-users' },
    stringData: { auth: expect.stringMatching(/^edge:\$2y\$05\$/) },
  });
  expect(client).toMatchObject({
    metadata: { namespace: 'monitoring-edge', name: 'push-credentials' },
    type: 'kubernetes.io/basic-auth',
    stringData: { username: 'edge' },
  });
  expect(stderr).not.toContain(client.stringData.password);
});

test('as a process, it reads and writes its own streams, and ends with the exit code', () => {
  const start = (input: string) =>
    spawnSync(
      process.execPath,
      [
        ...['scripts/run.cjs', 'examples/environments/main.ts', 'credentials', '--environment', 'reference'],
        ...['--password-stdin', '--host', 'push.edge.example.com'],
      ],
      { input, encoding: 'utf8' },
    );
  const good = start(`${SECRET}\n`);
  const bad = start('short\n');
  expect(good.stderr).toContain('credentials: reference: 2 Secrets');
  expect(good.stdout).toContain(`password: "${SECRET}"`);
  expect([bad.status, bad.stdout]).toEqual([EXIT.failed, '']);
  expect(bad.stderr).toContain('has 5 characters');
  expect(good.status).toBe(EXIT.done);
});

test('the page that messages name is there', () => {
  expect(existsSync('docs/secrets.md')).toBe(true);
});
