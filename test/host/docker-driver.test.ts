import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { DOCKER_DRIVER_LABEL } from '../../lib/core/placement';
import { InvalidOptionError } from '../../lib/core/validation';
import {
  dockerDriverAnsibleTasks,
  dockerDriverScript,
  dockerDriverSystemdUnit,
} from '../../lib/host/docker-driver';
import type { DockerDriverOptions } from '../../lib/host/docker-driver-options';
import { all, required } from './given-options';

/** Settings at the head of a script, as a shell evaluates them. */
function scriptVariables(script: string): Record<string, string> {
  const assignments = script.split('\n').filter((line) => /^[A-Z_]+='/.test(line));
  const names = assignments.slice(0, 8).map((line) => line.split('=')[0] ?? '');
  const print = names.map((name) => `printf '%s\\0' "$${name}"`);
  const values = execFileSync('sh', [], {
    input: [...assignments.slice(0, 8), ...print].join('\n'),
    encoding: 'utf8',
  });
  return Object.fromEntries(values.split('\0').map((value, index) => [names[index] ?? '', value]));
}

describe('the script', () => {
  test('says what is kept when only the host and the cluster are given', () => {
    expect(scriptVariables(dockerDriverScript(required))).toMatchObject({
      LOKI_HOST: 'logs.example.com',
      PLUGIN_REPOSITORY: 'grafana/loki-docker-driver',
      PLUGIN_VERSION: '3.6.0',
      NODE_NAME: '',
      PROXY: '',
      EXTERNAL_LABELS: 'cluster=reference',
      LOG_OPTS:
        'loki-retries=2 loki-max-backoff=800ms loki-timeout=1s keep-file=true mode=non-blocking ' +
        'max-buffer-size=4m',
      DEFAULT_LOG_OPTS: 'max-size=100m max-file=5',
    });
  });

  test('holds every option', () => {
    expect(scriptVariables(dockerDriverScript(all))).toMatchObject({
      PLUGIN_REPOSITORY: 'harbor.example.com/dockerhub/grafana/loki-docker-driver',
      PLUGIN_VERSION: '3.5.7',
      NODE_NAME: 'edge-1',
      PROXY: 'proxy.example.com:3128',
      EXTERNAL_LABELS: 'cluster=reference,group=north,site=o-hara,rack_2=a.b:c',
      LOG_OPTS:
        'loki-retries=4 loki-max-backoff=2s loki-timeout=500ms keep-file=true mode=non-blocking ' +
        'max-buffer-size=1m loki-tls-ca-file=/etc/ca.pem loki-batch-size=65536 loki-batch-wait=5s ' +
        'max-size=10m max-file=3',
      DEFAULT_LOG_OPTS: '',
    });
  });

  test('begins as a program, and is one that a shell can parse', () => {
    const script = dockerDriverScript(all);
    expect(script).toMatch(/^#!\/bin\/sh\n/);
    expect(() => execFileSync('sh', ['-n'], { input: script })).not.toThrow();
  });
});

describe('the unit', () => {
  test('runs the script once, after Docker and the network', () => {
    const unit = dockerDriverSystemdUnit(required);
    expect(unit).toContain('\nType=oneshot\n');
    expect(unit).toContain('\nAfter=network-online.target docker.service\n');
    expect(unit).toContain(
      '\nExecStart=/usr/local/sbin/docker-driver apply --credentials /etc/docker/loki-credentials\n',
    );
  });

  test('is not stopped by the restart of Docker that it asks for', () => {
    expect(dockerDriverSystemdUnit(all)).toContain(
      '\nExecStart=/opt/edge/docker-driver apply --restart --proxy-credentials /opt/edge/proxy-credentials --credentials /opt/edge/credentials\n',
    );
    expect(dockerDriverSystemdUnit(all)).not.toMatch(/^(Requires|BindsTo|PartOf)=/m);
  });
});

describe('the Ansible tasks', () => {
  const unsafe = { tag: '!unsafe', resolve: (text: string) => text };
  const tasks = (options: DockerDriverOptions) =>
    parse(dockerDriverAnsibleTasks(options), { customTags: [unsafe] });

  test('copy the script as it is: nothing in it is a template', () => {
    const [copy] = tasks(all);
    expect(dockerDriverAnsibleTasks(all)).toContain('content: !unsafe |\n');
    expect(copy['ansible.builtin.copy']).toEqual({
      dest: '/opt/edge/docker-driver',
      mode: '0700',
      content: dockerDriverScript(all),
    });
  });

  test('run it with credentials that stand in no file and no argument, and are not shown', () => {
    const [, apply] = tasks(all);
    expect(apply).toMatchObject({
      'ansible.builtin.command': {
        argv: [
          ...['/opt/edge/docker-driver', 'apply', '--restart'],
          ...['--proxy-credentials', '/opt/edge/proxy-credentials', '--credentials', '-'],
        ],
        stdin: '{{ loki_username }}\n{{ loki_password }}',
      },
      no_log: true,
    });
  });

  test('fail with what the script said', () => {
    const [, { register, failed_when }, assertion] = tasks(required);
    expect([register, failed_when]).toEqual(['docker_driver', false]);
    expect(assertion['ansible.builtin.assert'].that).toEqual(['docker_driver.rc | default(1) == 0']);
  });
});

test('the page names the label that the log collector keeps off', () => {
  const [[key, value] = []] = Object.entries(DOCKER_DRIVER_LABEL);
  expect(readFileSync('docs/docker-driver.md', 'utf8')).toContain(
    `kubectl label node edge-1 ${key}=${value}`,
  );
});

const refused: [keyof DockerDriverOptions, unknown[]][] = [
  ['host', ['https://logs.example.com', 'logs.example.com/loki', 'u:p@logs.example.com', "logs.e'x.com", '']],
  ['cluster', ['', 'a b', 'a,b', 'a=b', '{{.Name}}', "a'b", undefined]],
  ['node', ['Edge-1', 'a_b', 'a b', '']],
  ['group', ['', 'a,b', 'a"b']],
  [
    'labels',
    [
      { 'a-b': 'c' },
      { '1a': 'c' },
      { __a: 'c' },
      { a: 'b,c' },
      { a: '' },
      { node: 'x' },
      { filename: 'x' },
      { source: 'x' },
      { a: '1', b: '1', c: '1', d: '1', e: '1', f: '1', g: '1' },
      'a=b',
    ],
  ],
  ['version', ['3.6', 'v3.6.0', '3.6.0-amd64', 'latest', '']],
  ['mirror', ['https://harbor.example.com', 'harbor.example.com/', '../../etc', '', { 'quay.io': '' }]],
  ['maxSize', ['100', '100M', '0m', '1.5m', 100]],
  ['maxFile', [0, -1, 1.5, '5']],
  // Zero is without end to the driver: a dead link would hang Docker.
  ['retries', [0, 11, '2']],
  ['maxBackoff', ['0s', '1', '1h', '1.5s', '1 s']],
  ['timeout', ['', 's', '-1s']],
  ['maxBufferSize', ['4', 'm', '4t']],
  ['tlsCaFile', ['ca.pem', '/', '/a/../b', '/a b', '/a/']],
  ['batchSize', [0, '1024', Number.NaN]],
  ['batchWait', ['1', '0ms']],
  ['scriptPath', ['bin/x', "/a'b", '/a b']],
  ['credentialsFile', ['~/x', '/%h/x']],
];

describe.each(refused)('%s', (option, values) => {
  test.each(values)('is not %j, in any format', (value) => {
    const options = { ...required, [option]: value } as DockerDriverOptions;
    for (const render of [dockerDriverScript, dockerDriverSystemdUnit, dockerDriverAnsibleTasks]) {
      expect(() => render(options)).toThrow(InvalidOptionError);
      expect(() => render(options)).toThrow(new RegExp(`^docker-driver: ${option} is .*; allowed: `));
    }
  });
});

test('a password in the address is not repeated in the message', () => {
  expect(() => dockerDriverScript({ ...required, host: 'https://edge:secret@logs.example.com' })).toThrow(
    'host is "https://***@logs.example.com"',
  );
});
