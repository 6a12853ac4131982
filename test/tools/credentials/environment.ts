import { type App, Chart } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import type { RequiredSecret, UsersFormat } from '../../../lib/contracts/credentials';
import { Platform } from '../../../lib/core/platform';
import { registerSecretAndExternalSecret } from '../../../lib/core/required-secrets';
import { runCommand } from '../../../lib/tools/commands/program';
import type { SecretManifest } from '../../../lib/tools/credentials/manifest';
import type { CommandIo } from '../../../lib/tools/process/command-io';
import { createRecordedIo } from '../../support/recorded-io';

/** Formats of the Secrets with users that ingress-nginx and Envoy Gateway read. */
export const NGINX: UsersFormat = { key: 'auth', hash: 'bcrypt' };
export const ENVOY: UsersFormat = { key: '.htpasswd', hash: 'sha1' };

export const PUSH = 'push.example.com';
export const LOGS = 'logs.example.com';
export const GRAFANA = 'grafana.example.com';

const serverSecret = (host: string, name: string, format: UsersFormat): RequiredSecret => ({
  ...{ namespace: 'monitoring', name, host, format },
  side: 'server',
});
const clientSecret = (host: string, namespace: string, name: string): RequiredSecret => ({
  ...{ namespace, name, host },
  side: 'client',
});

/** Secrets of two hosts that edge nodes push to, and of a host that people use. */
export const reference: readonly RequiredSecret[] = [
  clientSecret(PUSH, 'monitoring-edge', 'push-credentials'),
  serverSecret(PUSH, 'push-users', NGINX),
  clientSecret(PUSH, 'business', 'push-credentials'),
  serverSecret(LOGS, 'logs-users', ENVOY),
  clientSecret(LOGS, 'monitoring-edge', 'logs-credentials'),
  serverSecret(GRAFANA, 'grafana-users', NGINX),
];

/** Secrets of an environment with only the chart of the edge. Its servers are not part of the environment. */
export const edgeOnly = [clientSecret(PUSH, 'monitoring-edge', 'push-credentials')];

/** Exit code and output of the command. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The Secrets that each environment of an app requires, by the name of the environment. */
export type Environments = Readonly<Record<string, readonly RequiredSecret[]>>;

/** Runs the command `credentials` in an app with one environment, or with the given environments. */
export function runCredentials(
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
  const apps = Object.entries(environments).map(([name, secrets]) => [name, environmentWithSecrets(secrets)]);
  const context = { environments: Object.fromEntries(apps), io: streams };
  const code = runCommand(['credentials', ...args], context) as number;
  return { code, ...written };
}

function environmentWithSecrets(secrets: readonly RequiredSecret[]) {
  return (app: App) => {
    const chart = new Chart(app, 'chart');
    Platform.define(chart, { cluster: 'test' });
    for (const secret of secrets) registerSecretAndExternalSecret(chart, secret);
  };
}

/** Runs the command, which must succeed, and returns its Secrets by namespace and name, in their order. */
export function createSecretsByName(
  ...parameters: Parameters<typeof runCredentials>
): Map<string, SecretManifest> {
  const { code, stdout, stderr } = runCredentials(...parameters);
  if (code !== 0) throw new Error(stderr);
  return parseSecrets(stdout);
}

/** Parses the Secrets in YAML documents. Returns them by namespace and name. */
export function parseSecrets(yaml: string): Map<string, SecretManifest> {
  return new Map(
    parseAllDocuments(yaml)
      .map((document) => document.toJS() as SecretManifest)
      .map((secret) => [`${secret.metadata.namespace}/${secret.metadata.name}`, secret]),
  );
}

/** Returns the htpasswd lines in a Secret. */
export function htpasswdLinesOf(secrets: ReadonlyMap<string, SecretManifest>, id: string): string[] {
  const { auth, '.htpasswd': htpasswd } = secrets.get(id)?.stringData ?? {};
  return (auth ?? htpasswd ?? '').split('\n').slice(0, -1);
}

/** Returns the names of the users in a Secret. */
export function usersOf(secrets: ReadonlyMap<string, SecretManifest>, id: string): string[] {
  return htpasswdLinesOf(secrets, id).map((line) => line.split(':')[0] ?? '');
}

/** Returns the user name and the password in a Secret. */
export function readLogin(secrets: ReadonlyMap<string, SecretManifest>, id: string) {
  const { username = '', password = '' } = secrets.get(id)?.stringData ?? {};
  return { username, password };
}
