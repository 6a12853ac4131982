import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'cdk8s';
import { CloudChart, EdgeChart, type Settings } from '../../../lib';
import { EXIT } from '../../../lib/tools/commands/exit-codes';
import { callCommand } from '../../support/recorded-io';
import { createNode, EDGE, healthyResponses, listOutput, RecordedCluster } from '../doctor/recorded-cluster';

/** Hosts without DNS entries (RFC 6761), so that no server is contacted. */
const settings: Settings = { cluster: 'test', hosts: { metrics: 'push.invalid', logs: 'logs.invalid' } };

const environments = {
  test: (app: App) => {
    const { metrics, logs } = new CloudChart(app, 'cloud', { settings });
    new EdgeChart(app, 'edge', { settings, metrics, logs });
  },
};

jest.mock('node:dns/promises', () => {
  const unknown = async () => {
    throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
  };
  return { lookup: unknown };
});

const { NO_COLOR } = process.env;
let remove: () => void;

beforeEach(() => {
  const cluster = new RecordedCluster({ ...healthyResponses(), 'config current-context': 'north\n' });
  remove = cluster.install();
  delete process.env.NO_COLOR;
});

afterEach(() => {
  remove();
  if (NO_COLOR !== undefined) process.env.NO_COLOR = NO_COLOR;
});

const runDoctor = (args: string[] = [], terminal = {}) =>
  callCommand(['doctor', ...args], environments, terminal);

test('says of each thing how it is, and ends with an exit code when something will not work', async () => {
  const { code, stdout, stderr } = await runDoctor();
  expect([code, stderr]).toEqual([EXIT.failed, '']);
  expect(stdout).toMatch(
    /^environment test, context north\n\nok {7}Kubernetes: the API server has version v1\.22\.2\n/,
  );
  expect(stdout).toContain(
    'PROBLEM  hosts: push.invalid has no DNS record\n         -> add a DNS record with',
  );
  expect(stdout).toMatch(/\nfailed: \d+ ok, 2 problem\nPasswords were not tested. Use --push /);
});

test('--json is the same, for programs', async () => {
  const { code, stdout } = await runDoctor(['--json']);
  const { environment, context, findings } = JSON.parse(stdout);
  expect([code, environment, context]).toEqual([EXIT.failed, 'test', 'north']);
  expect(findings).toContainEqual({
    check: 'hosts',
    verdict: 'problem',
    message: 'logs.invalid has no DNS record',
    remedy: expect.stringContaining('ingress controller'),
  });
});

test('colors and progress are for terminals, and NO_COLOR keeps colors away', async () => {
  const terminal = { stdoutIsTerminal: true, stderrIsTerminal: true };
  const { stdout, stderr } = await runDoctor([], terminal);
  expect(stdout).toContain('\x1b[31mPROBLEM\x1b[0m');
  expect(stderr.endsWith('\x1b[Kchecking hosts ...\r\x1b[K')).toBe(true);
  process.env.NO_COLOR = '1';
  expect((await runDoctor([], terminal)).stdout).not.toContain('\x1b');
});

test.each([{}, { stdoutIsTerminal: true, stderrIsTerminal: true }])(
  'what a node or a context calls itself does not reach the terminal as it is: %j',
  async (terminal) => {
    remove();
    const hostile = createNode('edge-1', {
      labels: EDGE,
      arch: 'arm',
      runtime: 'docker://\x1b]0;pwned\x07\x1b[2J18.6.1',
    });
    const answers = {
      ...healthyResponses(),
      'get nodes': listOutput(hostile),
      'config current-context': 'no\x1b[2Jrth\n',
    };
    remove = new RecordedCluster(answers).install();
    const { stdout } = await runDoctor([], terminal);
    expect(stdout).toContain('context no\\u001b[2Jrth');
    const uncolored = [0, 31, 32, 33].reduce((text, color) => text.replaceAll(`\x1b[${color}m`, ''), stdout);
    expect(uncolored).not.toMatch(/[^\P{Cc}\n]/u);
  },
);

test("nor does what kubectl's errors repeat", async () => {
  remove();
  remove = new RecordedCluster(healthyResponses()).install();
  writeFileSync(
    join((process.env.PATH ?? '').split(':')[0] ?? '', 'kubectl'),
    '#!/bin/sh\nprintf "error: \\033[2J\\033]0;pwned\\007 all is well\\n" >&2; exit 1\n',
  );
  const { stderr } = await runDoctor([], { stdoutIsTerminal: true, stderrIsTerminal: true });
  expect(stderr).toContain('\\u001b[2J\\u001b]0;pwned\\u0007 all is well');
});

test('says what is wrong with kubectl', async () => {
  process.env.PATH = '/nowhere';
  const { code, stdout, stderr } = await runDoctor();
  expect([code, stdout]).toEqual([EXIT.failed, '']);
  expect(stderr).toContain('doctor: kubectl config current-context failed: kubectl is not installed');
});
