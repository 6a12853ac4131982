import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogTask } from '../../lib';

/** Folder with log files as on a node, in the formats of Docker and of the CRI. */
const NODE = join(__dirname, 'node');

/** Returns the paths of the containers' log files on the node. */
export const podLogFiles = (): string[] =>
  readdirSync(NODE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.log'))
    .map((path) => `/${path}`)
    .sort();

/** Returns the lines of a log file. @param file path on the node */
export const sampleLogLines = (file: string): string[] =>
  readFileSync(join(NODE, file), 'utf8').trimEnd().split('\n');

/** Path of the log file in Docker's format. The other files have the format of the CRI. */
export const DOCKER_FILE = podLogFiles().find((file) => file.includes('etcd')) ?? '';

/** Options of a log agent that keep, drop and join lines. */
export const LOG_SELECTION = {
  keep: [{ namespace: 'shop|pay' }, { container: 'etcd', line: 'error "x" \\{' }],
  drop: [{ line: '^DEBUG' }, { namespace: 'shop', container: 'web', line: 'GET /healthz' }],
  multiline: [{ firstLine: '^\\d{4}-', container: 'app', maxWait: '5s' }],
} satisfies Partial<LogTask>;

/** Options that the log collector passes to its agent. */
export const LOG_TASK: LogTask = {
  labels: { cluster: 'here', group: 'north' },
  target: {
    url: 'https://logs.example.com/base/loki/api/v1/push',
    credentialsDir: '/credentials',
    passwordsDir: '/passwords',
    caFile: '/ca/ca.crt',
  },
  sending: { batchSize: '512Ki', batchWait: '20s', maxBackoff: '2m' },
  configDir: '/config',
  stateDir: '/state',
  listen: { address: '127.0.0.1', port: 1234 },
};
