import {
  dockerDriverAnsibleTasks,
  dockerDriverScript,
  dockerDriverSystemdUnit,
} from '../../../lib/host/docker-driver';
import type { DockerDriverOptions } from '../../../lib/host/docker-driver-options';
import { EXIT } from '../../../lib/tools/commands/exit-codes';
import { all, required } from '../../host/given-options';
import { callCommand } from '../../support/recorded-io';

const runDockerDriver = (...args: string[]) => callCommand(['docker-driver', ...args]);
const basics = ['--host', 'logs.example.com', '--cluster', 'reference'];

test('prints the script when nothing else is asked for', async () => {
  const { code, stdout, stderr } = await runDockerDriver(...basics);
  expect([code, stderr]).toEqual([EXIT.done, '']);
  expect(stdout).toBe(dockerDriverScript(required));
});

test.each<[string, (options: DockerDriverOptions) => string]>([
  ['script', dockerDriverScript],
  ['systemd', dockerDriverSystemdUnit],
  ['ansible', dockerDriverAnsibleTasks],
])('takes every option, for --format %s', async (format, render) => {
  const { host, cluster, labels, restart, ...others } = all;
  const flags = Object.entries(others).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);
  const pairs = Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]);
  const args = [...basics, ...flags, ...pairs, '--restart', '--format', format];
  const { stdout, stderr } = await runDockerDriver(...args);
  expect(stderr).toBe('');
  expect(stdout).toBe(render(all));
});

test('explains every option', async () => {
  const { code, stdout } = await runDockerDriver('--help');
  expect(code).toBe(EXIT.done);
  for (const name of Object.keys(all)) {
    const flag = name === 'labels' ? 'label' : name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    expect(stdout).toMatch(new RegExp(`^ {2}--${flag} `, 'm'));
  }
});

test.each<[string, string[], number, string]>([
  ['a missing host', ['--cluster', 'a'], EXIT.usage, '--host is missing'],
  ['a missing cluster', ['--host', 'a.b'], EXIT.usage, '--cluster is missing'],
  [
    'an unknown option',
    [...basics, '--password', 'secret'],
    EXIT.usage,
    'unknown option --password; allowed: ',
  ],
  [
    'an unknown format',
    [...basics, '--format', 'helm'],
    EXIT.usage,
    '--format is "helm"; allowed: script, systemd, ansible',
  ],
  [
    'a label without a value',
    [...basics, '--label', 'site'],
    EXIT.usage,
    '--label is "site"; allowed: NAME=VALUE',
  ],
  [
    'a value that is not allowed',
    [...basics, '--timeout', '1'],
    EXIT.failed,
    'timeout is "1"; allowed: a whole number',
  ],
  [
    'a number that is none',
    [...basics, '--retries', 'two'],
    EXIT.failed,
    'retries is "two"; allowed: a whole number',
  ],
])('says what is wrong about %s, and prints nothing else', async (_, args, exit, message) => {
  const { code, stdout, stderr } = await runDockerDriver(...args);
  expect([code, stdout]).toEqual([exit, '']);
  expect(stderr).toContain(`docker-driver: ${message}`);
  expect(stderr).not.toContain('secret');
});
