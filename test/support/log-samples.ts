import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogTask } from '../../lib';

/** A folder tree as a node has it, with files in both formats. */
const NODE = join(__dirname, 'node');

/** Files of containers, by the path that a node knows them by. */
export const podLogFiles = (): string[] =>
  readdirSync(NODE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.log'))
    .map((path) => `/${path}`)
    .sort();

/** The lines of such a file. */
export const sampleLogLines = (file: string): string[] =>
  readFileSync(join(NODE, file), 'utf8').trimEnd().split('\n');

/** The one that Docker wrote; the others are the CRI's. */
export const DOCKER_FILE = podLogFiles().find((file) => file.includes('etcd')) ?? '';

/** Lines to keep, to drop and to join. */
export const LOG_SELECTION = {
  keep: [{ namespace: 'shop|pay' }, { container: 'etcd', line: 'error "x" \\{' }],
  drop: [{ line: '^DEBUG' }, { namespace: 'shop', container: 'web', line: 'GET /healthz' }],
  multiline: [{ firstLine: '^\\d{4}-', container: 'app', maxWait: '5s' }],
} satisfies Partial<LogTask>;

/** Options of a collector for its agent. */
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
