import type { App } from 'cdk8s';
import { CloudChart, EdgeChart, type Settings } from '../../lib';
import { EXIT } from '../../lib/commands/exit-codes';
import { RecordedCluster, well } from '../doctor/recorded-cluster';
import { called } from '../support/recorded-io';

/** Hosts that no DNS knows (RFC 6761), so that nobody is asked. */
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
  const cluster = new RecordedCluster({ ...well(), 'config current-context': 'north\n' });
  remove = cluster.install();
  delete process.env.NO_COLOR;
});

afterEach(() => {
  remove();
  if (NO_COLOR !== undefined) process.env.NO_COLOR = NO_COLOR;
});

const doctor = (args: string[] = [], terminal = {}) => called(['doctor', ...args], environments, terminal);

test('says of each thing how it is, and ends with an exit code when something will not work', async () => {
  const { code, stdout, stderr } = await doctor();
  expect([code, stderr]).toEqual([EXIT.failed, '']);
  expect(stdout).toMatch(
    /^environment test, context north\n\nok {7}Kubernetes: the API server is v1\.22\.2\n/,
  );
  expect(stdout).toContain('PROBLEM  hosts: push.invalid is not in DNS\n         -> let the name lead to');
  expect(stdout).toMatch(/\nnot well: \d+ ok, 2 problem\nNothing was pushed: with --push, /);
});

test('--json is the same, for programs', async () => {
  const { code, stdout } = await doctor(['--json']);
  const { environment, context, findings } = JSON.parse(stdout);
  expect([code, environment, context]).toEqual([EXIT.failed, 'test', 'north']);
  expect(findings).toContainEqual({
    check: 'hosts',
    verdict: 'problem',
    message: 'logs.invalid is not in DNS',
    remedy: expect.stringContaining('ingress controller'),
  });
});

test('colors and progress are for terminals, and NO_COLOR keeps colors away', async () => {
  const terminal = { stdoutIsTerminal: true, stderrIsTerminal: true };
  const { stdout, stderr } = await doctor([], terminal);
  expect(stdout).toContain('\x1b[31mPROBLEM\x1b[0m');
  expect(stderr.endsWith('\x1b[Klooking at hosts ...\r\x1b[K')).toBe(true);
  process.env.NO_COLOR = '1';
  expect((await doctor([], terminal)).stdout).not.toContain('\x1b');
});

test('says what is wrong with kubectl', async () => {
  process.env.PATH = '/nowhere';
  const { code, stdout, stderr } = await doctor();
  expect([code, stdout]).toEqual([EXIT.failed, '']);
  expect(stderr).toContain('doctor: kubectl config current-context failed: it is not installed');
});
