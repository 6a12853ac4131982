import type { Construct, IConstruct } from 'constructs';
import type { RequiredSecret } from '../contracts/credentials';
import type { PublicEndpoint } from '../contracts/endpoint';
import { createExternalSecret } from './external-secret';
import { Platform } from './platform';

/** Secrets that the manifests of each app reference. */
const secretsByApp = new WeakMap<IConstruct, RequiredSecret[]>();

/**
 * Registers a Secret that the manifests reference. The command `credentials` prints the registered Secrets with
 * users and passwords. If the platform has an External Secrets store, this function also creates an ExternalSecret.
 */
export function registerSecretAndExternalSecret(scope: Construct, secret: RequiredSecret): void {
  const { root } = scope.node;
  const known = secretsByApp.get(root) ?? [];
  secretsByApp.set(root, [...known, secret]);
  const { secretStore } = Platform.of(scope);
  const isMade = known.some(({ namespace, name }) => namespace === secret.namespace && name === secret.name);
  if (secretStore && !isMade) createExternalSecret(scope, secretStore, secret);
}

/**
 * Registers the Secret with the password of a client of a public endpoint. Does nothing if clients of the endpoint
 * use no password.
 * @param namespace namespace of the client's pods
 */
export function registerClientSecretAndExternalSecret(
  scope: Construct,
  namespace: string,
  endpoint: PublicEndpoint,
): void {
  const { hostname: host } = new URL(endpoint.url);
  const { credentialsSecretName: name, group } = endpoint;
  if (!name) return;
  registerSecretAndExternalSecret(scope, { side: 'client', host, namespace, name, ...(group && { group }) });
}

/**
 * Returns the Secrets with users and passwords that the manifests of an app reference, sorted and without
 * duplicates.
 */
export function requiredSecrets(root: IConstruct): RequiredSecret[] {
  const byKey = new Map(
    (secretsByApp.get(root) ?? []).map((secret) => [secretDeduplicationKey(secret), secret]),
  );
  return [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, secret]) => secret);
}

/**
 * Returns a key that is the same for duplicates of a Secret. If two Secrets have the same name, but different formats
 * or groups, their keys differ. Both Secrets then remain, and the command `credentials` reports the conflict.
 */
const secretDeduplicationKey = (secret: RequiredSecret): string =>
  [
    ...[secret.host, secret.side === 'server' ? 0 : 1, secret.namespace, secret.name],
    ...(secret.side === 'server'
      ? [secret.format.key, secret.format.hash, secret.format.type, secret.groups]
      : [secret.group]),
  ].join(' ');
