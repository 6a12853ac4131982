import { type App, Chart } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import type { RequiredSecret, UsersFormat } from '../../../lib/contracts/credentials';
import { Platform } from '../../../lib/core/platform';
import { requireSecret } from '../../../lib/core/required-secrets';
import { runCommand } from '../../../lib/tools/commands/program';
import type { SecretManifest } from '../../../lib/tools/credentials/manifest';
import type { CommandIo } from '../../../lib/tools/process/command-io';
import { createRecordedIo } from '../../support/recorded-io';

/** Formats of ingress-nginx and Envoy Gateway. */
export const NGINX: UsersFormat = { key: 'auth', hash: 'bcrypt' };
export const ENVOY: UsersFormat = { key: '.htpasswd', hash: 'sha1' };

export const PUSH = 'push.example.com';
export const LOGS = 'logs.example.com';
export const GRAFANA = 'grafana.example.com';

const monitoring = (host: string, name: string, format: UsersFormat): RequiredSecret => ({
  ...{ namespace: 'monitoring', name, host, format },
  side: 'server',
});
const client = (host: string, namespace: string, name: string): RequiredSecret => ({
  ...{ namespace, name, host },
  side: 'client',
});

/** Two hosts that a fleet pushes to, and one that people look at. */
export const reference: readonly RequiredSecret[] = [
  client(PUSH, 'monitoring-edge', 'push-credentials'),
  monitoring(PUSH, 'push-users', NGINX),
  client(PUSH, 'business', 'push-credentials'),
  monitoring(LOGS, 'logs-users', ENVOY),
  client(LOGS, 'monitoring-edge', 'logs-credentials'),
  monitoring(GRAFANA, 'grafana-users', NGINX),
];

/** A chart of the edge alone, whose server is elsewhere. */
export const edgeOnly = [client(PUSH, 'monitoring-edge', 'push-credentials')];

/** How the command ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The Secrets that each environment of an app needs, by its name. */
export type Environments = Readonly<Record<string, readonly RequiredSecret[]>>;

/** Runs the command on one environment, or on the given ones. */
export function run(
  args: readonly string[],
  stdin?: string,
  environments: Environments = { reference },
  io: Partial<CommandIo> = {},
): Ended {
  const { io: streams, written } = createRecordedIo({
    stdin: () => {
      if (stdin === undefined) throw new Error('standard input was read, and nothing in it is needed');
      return stdin;
    },
    ...io,
  });
  const apps = Object.entries(environments).map(([name, secrets]) => [name, needing(secrets)]);
  const context = { environments: Object.fromEntries(apps), io: streams };
  const code = runCommand(['credentials', ...args], context) as number;
  return { code, ...written };
}

function needing(secrets: readonly RequiredSecret[]) {
  return (app: App) => {
    const chart = new Chart(app, 'chart');
    Platform.define(chart, { cluster: 'test' });
    for (const secret of secrets) requireSecret(chart, secret);
  };
}

/** The Secrets of a run that has to succeed, by namespace and name, in their order. */
export function made(...parameters: Parameters<typeof run>): Map<string, SecretManifest> {
  const { code, stdout, stderr } = run(...parameters);
  if (code !== 0) throw new Error(stderr);
  return secretsIn(stdout);
}

/** The Secrets of a stream of documents. */
export function secretsIn(yaml: string): Map<string, SecretManifest> {
  return new Map(
    parseAllDocuments(yaml)
      .map((document) => document.toJS() as SecretManifest)
      .map((secret) => [`${secret.metadata.namespace}/${secret.metadata.name}`, secret]),
  );
}

/** The lines with the users of one of these Secrets. */
export function linesOf(secrets: ReadonlyMap<string, SecretManifest>, id: string): string[] {
  const { auth, '.htpasswd': htpasswd } = secrets.get(id)?.stringData ?? {};
  return (auth ?? htpasswd ?? '').split('\n').slice(0, -1);
}

/** Returns the users in one of these Secrets. */
export function usersOf(secrets: ReadonlyMap<string, SecretManifest>, id: string): string[] {
  return linesOf(secrets, id).map((line) => line.split(':')[0] ?? '');
}

/** The user and the password that one of these Secrets holds. */
export function loginOf(secrets: ReadonlyMap<string, SecretManifest>, id: string) {
  const { username = '', password = '' } = secrets.get(id)?.stringData ?? {};
  return { username, password };
}
