import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareSync } from 'bcryptjs';
import { EXIT } from '../../../lib/tools/commands/exit-codes';
import {
  createSecretsByName,
  edgeOnly,
  GRAFANA,
  htpasswdLinesOf,
  LOGS,
  PUSH,
  readLogin,
  reference,
  runCredentials,
  usersOf,
} from './environment';

const EDGE = 'edge:$2y$05$hzrSVcFsJ4cBjgpJA9K9E.vAZyr/l0iMRgObnmALmux4vkeuN1PjO';
const EDGE_2 = 'edge-2:$apr1$ZjTqBB3f$IF9gdYAGlMrs2fuINjHsz.';
const BOT = 'bot:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const joinLines = (...lines: string[]) => lines.map((line) => `${line}\n`).join('');

/** Creates a Secret as the API server returns it. */
const existingSecret = (name: string, data: Record<string, string>, namespace = 'monitoring') => ({
  apiVersion: 'v1',
  data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, base64(text)])),
  kind: 'Secret',
  metadata: { name, namespace, resourceVersion: '1', annotations: { note: 'kept by kubectl apply' } },
  type: 'Opaque',
});
const pushUsers = (...lines: string[]) => existingSecret('push-users', { auth: joinLines(...lines) });
const logsUsers = (...lines: string[]) => existingSecret('logs-users', { '.htpasswd': joinLines(...lines) });

const json = JSON.stringify;
const both = `${json(pushUsers(EDGE))}\n---\n${json(logsUsers(EDGE))}\n`;

describe('--rotate', () => {
  test('keeps who may log in, to the letter, and adds a user that clients get', () => {
    const secrets = createSecretsByName(['--rotate', '--host', PUSH], json(pushUsers('# by hand', EDGE)));
    expect([...secrets.keys()]).toEqual([
      'monitoring/push-users',
      'business/push-credentials',
      'monitoring-edge/push-credentials',
    ]);
    const [comment, old, added = ''] = htpasswdLinesOf(secrets, 'monitoring/push-users');
    expect([comment, old]).toEqual(['# by hand', EDGE]);
    const { username, password } = readLogin(secrets, 'monitoring-edge/push-credentials');
    expect(username).toBe('edge-2');
    expect(compareSync(password, added.replace('edge-2:', ''))).toBe(true);
    expect(readLogin(secrets, 'business/push-credentials')).toEqual({ username, password });
  });

  test('is for all hosts that have clients: people keep their names', () => {
    const secrets = createSecretsByName(['--rotate'], both);
    expect(usersOf(secrets, 'monitoring/push-users')).toEqual(['edge', 'edge-2']);
    expect(usersOf(secrets, 'monitoring/logs-users')).toEqual(['edge', 'edge-2']);
    expect(secrets.has('monitoring/grafana-users')).toBe(false);
  });

  test('gives people a Secret to read their password in', () => {
    const secrets = createSecretsByName(
      ['--rotate', '--host', GRAFANA],
      json(existingSecret('grafana-users', { auth: joinLines(EDGE) })),
    );
    expect(usersOf(secrets, 'monitoring/grafana-users')).toEqual(['edge', 'edge-2']);
    expect(readLogin(secrets, 'monitoring/grafana-users-edge-2').username).toBe('edge-2');
  });

  test('takes the place of the user that is named', () => {
    const secrets = createSecretsByName(
      ['--rotate', '--host', PUSH, '--user', 'bot'],
      json(pushUsers(EDGE, BOT)),
    );
    expect(usersOf(secrets, 'monitoring/push-users')).toEqual(['edge', 'bot', 'bot-2']);
    expect(readLogin(secrets, 'monitoring-edge/push-credentials').username).toBe('bot-2');
  });

  test('finds one name for all Secrets of a host', () => {
    const second = { ...reference[1], name: 'more-users' } as (typeof reference)[number];
    const input = `${json(pushUsers(EDGE))}\n---\n${json(existingSecret('more-users', { auth: joinLines(EDGE, EDGE_2) }))}`;
    const secrets = createSecretsByName(['--rotate', '--host', PUSH], input, {
      reference: [...reference, second],
    });
    expect(usersOf(secrets, 'monitoring/push-users')).toEqual(['edge', 'edge-3']);
    expect(usersOf(secrets, 'monitoring/more-users')).toEqual(['edge', 'edge-2', 'edge-3']);
  });

  test('says who is new, who is old, and nothing secret', () => {
    const { stderr, stdout } = runCredentials(['--rotate', '--host', PUSH], json(pushUsers(EDGE)));
    expect(stderr).toContain(
      `note: ${PUSH}: added the user edge-2; the existing users (edge) can log in until you remove each user with --retire\n`,
    );
    const password = /password: "(.*)"/.exec(stdout)?.[1] ?? '';
    expect(password).toHaveLength(32);
    expect(stderr).not.toContain(password);
    expect(stderr).not.toContain('$2y$');
  });
});

describe('the Secrets on standard input', () => {
  const yaml = `apiVersion: v1
kind: Secret
metadata:
  name: push-users
  namespace: monitoring
data:
  auth: ${base64(joinLines(EDGE))}
`;

  test.each([
    ['YAML', yaml],
    ['YAML, folded by hand', yaml.replace(/auth: (.{20})(.*)/, 'auth: |\n    $1\n    $2')],
    ['YAML after other objects', `kind: ConfigMap\ndata: {a: b}\n---\n${yaml}---\n`],
    ['a List', json({ kind: 'List', items: [logsUsers(BOT), pushUsers(EDGE)] })],
    ['JSON, object after object', `${json(logsUsers(BOT), null, 2)}\n${json(pushUsers(EDGE), null, 2)}\n`],
    ['text in the clear', yaml.replace(/^data:\n.*/m, `stringData:\n  auth: |\n    ${EDGE}`)],
    [
      'text in the clear over data',
      `${yaml.replace(/auth: .*/, 'auth: eA==')}stringData:\n  auth: '${EDGE}'\n`,
    ],
  ])('may be %s', (_, input) => {
    const secrets = createSecretsByName(['--rotate', '--host', PUSH], input);
    expect(htpasswdLinesOf(secrets, 'monitoring/push-users')[0]).toBe(EDGE);
  });

  test('are those that this command printed', () => {
    const { stdout } = runCredentials([]);
    const rotated = runCredentials(['--rotate'], stdout).stdout;
    expect(usersOf(createSecretsByName(['--rotate'], rotated), 'monitoring/push-users')).toEqual([
      'edge',
      'edge-2',
      'edge-3',
    ]);
  });

  const kubectl = 'kubectl get secret push-users -n monitoring -o yaml';

  test.each([
    ['nothing', '', `standard input contains no Secret; pipe in the output of: ${kubectl}`],
    ['text', 'hello', `standard input contains no Secret; pipe in the output of: ${kubectl}`],
    ['another kind', 'kind: SealedSecret', 'standard input contains no Secret; pipe in'],
    ['a List of nothing', 'kind: List\nitems: [null]', 'standard input contains no Secret; pipe in'],
    ['no YAML', 'kind: Secret\na: {hunter2\n', 'standard input is not valid YAML or JSON at line'],
    [
      'two documents in one',
      `${yaml}${yaml}`,
      'standard input is not valid YAML or JSON at line 8: pipe in the unchanged output of kubectl, and separate documents with a line ---',
    ],
    ['an alias to nowhere', 'kind: *hunter2', 'contains YAML aliases that cannot be resolved'],
    ['a Secret without a namespace', yaml.replace(/ +namespace.*\n/, ''), 'only ?/push-users; pipe in'],
    [
      'another Secret',
      json(logsUsers(EDGE)),
      `does not contain the Secret monitoring/push-users, only monitoring/logs-users; pipe in the output of: ${kubectl}`,
    ],
    [
      'another namespace',
      json({ ...pushUsers(EDGE), metadata: { name: 'push-users', namespace: 'x' } }),
      'does not contain the Secret',
    ],
    [
      'one Secret twice',
      `${yaml}---\n${yaml}`,
      'standard input contains the Secret monitoring/push-users twice: remove one',
    ],
    [
      'another key',
      json(existingSecret('push-users', { users: joinLines(EDGE), b: '' })),
      'key auth of Secret monitoring/push-users is missing; keys of this Secret: users, b;',
    ],
    [
      'no base64',
      yaml.replace(/auth: .*/, 'auth: hunter2!'),
      'key auth of Secret monitoring/push-users is not valid base64; keys of this Secret: auth;',
    ],
    [
      'a number',
      yaml.replace(/auth: .*/, 'auth: 12'),
      'key auth of Secret monitoring/push-users is not valid base64; keys of this Secret: auth;',
    ],
    [
      'no htpasswd line',
      json(pushUsers(EDGE, 'bot:hunter2')),
      'line 2 of key auth of Secret monitoring/push-users is not in htpasswd format',
    ],
    ['no user', json(pushUsers('# nobody')), `${PUSH} has no user that --rotate can replace`],
    [
      'several users',
      json(pushUsers(EDGE, BOT)),
      `${PUSH} has several users, but --rotate replaces only one user`,
    ],
  ])('are not %s', (_, input, message) => {
    const { code, stdout, stderr } = runCredentials(['--rotate', '--host', PUSH], input);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^credentials: .*\n$/);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('hunter2');
  });

  test('are asked for by a command that prints them all, also of several namespaces', () => {
    const elsewhere = reference.map((one) => (one.host === LOGS ? { ...one, namespace: 'logs' } : one));
    expect(runCredentials(['--rotate'], '', { elsewhere }).stderr).toContain(
      '{ kubectl get secret logs-users -n logs -o yaml; echo ---; ' +
        'kubectl get secret push-users -n monitoring -o yaml; }',
    );
    expect(runCredentials(['--rotate'], '').stderr).toContain(
      'kubectl get secret logs-users push-users -n monitoring',
    );
  });

  test('are not typed', () => {
    const { code, stderr } = runCredentials(['--rotate', '--host', PUSH], undefined, undefined, {
      stdinIsTerminal: true,
    });
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain(`standard input is a terminal: pipe in the output of: ${kubectl}`);
  });
});

describe('--retire', () => {
  const two = json(pushUsers(EDGE, EDGE_2));
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'access-log-'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const accessLog = (text: string) => {
    const path = join(folder, 'access.log');
    writeFileSync(path, text);
    return ['--access-log', path];
  };
  const push = (user: string, node: string, status = 202, method = 'PUT') =>
    `203.0.113.7 - ${user} [23/Nov/2026:19:00:00 +0000] "${method} /metrics/job/node_exporter/instance/x/` +
    `hostname${node} HTTP/2.0" ${status} 0 "-" "curl/8.5.0" 1234 0.004`;
  const pushers = (...all: [user: string, node: string][]) =>
    accessLog(all.map(([user, node]) => push(user, `/${node}`)).join('\n'));
  const retire = (input: string | undefined, ...args: string[]) =>
    runCredentials(['--host', PUSH, ...args], input);

  test('takes out a user whom no node pushes with, and leaves the clients alone', () => {
    const args = ['--host', PUSH, '--retire', 'edge', ...pushers(['edge-2', 'node-1'], ['edge-2', 'node-2'])];
    const secrets = createSecretsByName(args, two);
    expect([...secrets.keys()]).toEqual(['monitoring/push-users']);
    expect(htpasswdLinesOf(secrets, 'monitoring/push-users')).toEqual([EDGE_2]);
  });

  test('is for all hosts that have clients, where the user is there', () => {
    const input = `${two}\n---\n${json(logsUsers(EDGE_2))}`;
    const secrets = createSecretsByName(['--retire', 'edge', ...pushers(['edge-2', 'node-1'])], input);
    expect([...secrets.keys()]).toEqual(['monitoring/push-users']);
  });

  test('names the nodes that still push with the user, and refuses', () => {
    const { code, stdout, stderr } = retire(
      undefined,
      ...[
        '--retire',
        'edge',
        ...pushers(['edge', 'node-2'], ['edge-2', 'node-3'], ['edge', 'node-1'], ['edge', 'node-2']),
      ],
    );
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(
      '2 nodes still push with the user edge: node-1, node-2; wait until these nodes use the new',
    );
  });

  test.each([
    ['of a node whose name is encoded', push('edge', '@base64/bm9kZS03'), 'node-7'],
    ['of logs, by its address', push('edge', '').replace(/\/metrics\S+/, '/loki/api/v1/push'), '203.0.113.7'],
    ['behind the name of a pod', `[pod/controller-1/controller] ${push('edge', '/node-7')}`, 'node-7'],
  ])('finds a push %s', (_, line, node) => {
    const { stderr } = retire(undefined, '--retire', 'edge', ...accessLog(`started\n${line}\n`));
    expect(stderr).toContain(`1 node still pushes with the user edge: ${node};`);
  });

  test.each([
    ['was refused', push('edge', '/node-7', 401)],
    ['only read', push('edge', '/node-7', 200, 'GET')],
  ])('leaves aside what %s', (_, line) => {
    const log = `${push('edge-2', '/node-1')}\n${line}\n`;
    expect(retire(two, '--retire', 'edge', ...accessLog(log)).code).toBe(0);
  });

  test('names twenty of many nodes', () => {
    const many = Array.from({ length: 23 }, (_, index): [string, string] => ['edge', `node-${100 + index}`]);
    const { stderr } = retire(undefined, '--retire', 'edge', ...pushers(...many));
    expect(stderr).toContain('23 nodes still push with the user edge: node-100, ');
    expect(stderr).toContain(', node-119 and 3 more; wait');
  });

  test('takes out a user whom nodes push with when forced, and says whom that cuts off', () => {
    const args = [
      '--retire',
      'edge',
      '--force',
      ...pushers(['edge', 'node-2'], ['edge-2', 'node-3'], ['edge', 'node-1']),
    ];
    const { code, stderr } = retire(two, ...args);
    expect(code).toBe(0);
    expect(stderr).toContain(
      'note: nodes that lose access because the user edge is removed: node-1, node-2\n',
    );
    expect(
      htpasswdLinesOf(createSecretsByName(['--host', PUSH, ...args], two), 'monitoring/push-users'),
    ).toEqual([EDGE_2]);
  });

  test.each([
    [
      ['--force'],
      'note: nodes that lose access because the user edge is removed: unknown, because --access-log is not given\n',
    ],
    [
      ['--force', '--access-log', '/dev/null'],
      'note: nodes that lose access because the user edge is removed: none\n',
    ],
  ])('says with %j what is known of whom it cuts off', (args, note) => {
    expect(retire(two, '--retire', 'edge', ...args).stderr).toContain(note);
  });

  test.each<[string, () => string[], string]>([
    [
      'nobody says who pushes',
      () => [],
      'use --access-log with a recent access log of the ingress controller or the guard',
    ],
    [
      'no node pushes at all',
      () => accessLog('started\n'),
      '--access-log contains no successful push of any node',
    ],
    [
      'there is no such file',
      () => ['--access-log', join(folder, 'x')],
      '--access-log cannot be read: ENOENT',
    ],
  ])('is refused when %s', (_, args, message) => {
    const { code, stdout, stderr } = retire(undefined, '--retire', 'edge', ...args());
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
  });

  test('is refused when nobody would be left', () => {
    const { code, stdout, stderr } = retire(json(pushUsers('# one', EDGE)), '--retire', 'edge', '--force');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(
      `edge is the only user in the Secret monitoring/push-users: add another user with --rotate`,
    );
  });

  test('is refused when nobody has that name, and says who is there', () => {
    const { code, stdout, stderr } = retire(two, '--retire', 'edge-3', '--force');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(
      '--retire is edge-3, which is not in any Secret; users: monitoring/push-users: edge, edge-2',
    );
  });
});

describe.each([['--rotate'], ['--retire', 'edge', '--force']])('%s', (...args) => {
  test('is done where the users are kept', () => {
    const { code, stderr } = runCredentials(args, undefined, { 'edge-only': edgeOnly });
    expect(code).toBe(1);
    expect(stderr).toContain(
      `this environment does not contain the server behind the host ${PUSH}: ` +
        'change the users in the environment or cluster that contains the server',
    );
  });

  test('needs a host where none has clients', () => {
    const people = reference.filter(({ host }) => host === GRAFANA);
    const { code, stderr } = runCredentials(args, undefined, { people });
    expect(code).toBe(1);
    expect(stderr).toContain(
      `no host of this environment has clients, and without --host, the command only changes hosts with clients: select a host with --host; allowed: ${GRAFANA}`,
    );
  });
});

test('a host whose users are kept elsewhere is not rotated beside others', () => {
  const mixed = [...edgeOnly, ...reference.filter(({ host }) => host === LOGS)];
  const { code, stdout, stderr } = runCredentials(['--rotate'], json(logsUsers(EDGE)), { mixed });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain(`this environment does not contain the server behind the host ${PUSH}`);
});
