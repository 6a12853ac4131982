import type { Construct, IConstruct } from 'constructs';
import type { RequiredSecret } from '../contracts/credentials';
import type { PublicEndpoint } from '../contracts/endpoint';
import { createExternalSecret } from './external-secret';
import { Platform } from './platform';

/** Secrets that the manifests of each app reference. */
const required = new WeakMap<IConstruct, RequiredSecret[]>();

/**
 * Registers a Secret that the manifests reference, for the command `credentials`. With an External Secrets
 * store, it also creates an ExternalSecret.
 */
export function registerRequiredSecret(scope: Construct, secret: RequiredSecret): void {
  const { root } = scope.node;
  const known = required.get(root) ?? [];
  required.set(root, [...known, secret]);
  const { secretStore } = Platform.of(scope);
  const isMade = known.some(({ namespace, name }) => namespace === secret.namespace && name === secret.name);
  if (secretStore && !isMade) createExternalSecret(scope, secretStore, secret);
}

/**
 * Registers that a client of a public endpoint needs its Secret with a password in the cluster. Does nothing if the
 * client has no password.
 */
export function registerRequiredCredentials(
  scope: Construct,
  namespace: string,
  endpoint: PublicEndpoint,
): void {
  const { hostname: host } = new URL(endpoint.url);
  const { credentialsSecretName: name, group } = endpoint;
  if (!name) return;
  registerRequiredSecret(scope, { side: 'client', host, namespace, name, ...(group && { group }) });
}

/**
 * Returns the Secrets with users and passwords that the manifests of an app reference, sorted and without
 * duplicates.
 */
export function requiredSecrets(root: IConstruct): RequiredSecret[] {
  const byKey = new Map((required.get(root) ?? []).map((secret) => [secretKey(secret), secret]));
  return [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, secret]) => secret);
}

/**
 * Returns the key by which duplicates are detected. It contains format and group, so that the command
 * `credentials` can refuse Secrets for which they differ.
 */
const secretKey = (secret: RequiredSecret): string =>
  [
    ...[secret.host, secret.side === 'server' ? 0 : 1, secret.namespace, secret.name],
    ...(secret.side === 'server'
      ? [secret.format.key, secret.format.hash, secret.format.type, secret.groups]
      : [secret.group]),
  ].join(' ');
