import type { Construct } from 'constructs';
import type { ExternalSecretSpec } from '../../imports/external-secrets.io';
import type { RequiredSecret } from '../contracts/credentials';
import { Identity } from './labels';
import { createApiObject } from './objects';
import { withFixedDefaults } from './option-table';
import { SECRET_STORE, type SecretStore } from './platform-options';

/**
 * API defaults of a remote reference in an ExternalSecret. The manifests contain the defaults, because Argo CD
 * compares the list `data` as a whole (external-secrets#6797).
 */
const REMOTE_REF_DEFAULTS = {
  conversionStrategy: 'Default',
  decodingStrategy: 'None',
  metadataPolicy: 'None',
};

/**
 * Creates an ExternalSecret that reads the store's entry for a host. In this entry, the property `users` contains
 * the htpasswd lines for the server, and the properties `username` and `password` are for clients.
 */
export function createExternalSecret(scope: Construct, store: SecretStore, secret: RequiredSecret): void {
  const { namespace, name } = secret;
  const { refreshInterval, kind, prefix } = withFixedDefaults(SECRET_STORE, store);
  createApiObject(scope, `ExternalSecret-${name}`, {
    // External Secrets supports this API version since 0.16.
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    // All ExternalSecrets have the same label value, because the name of a Secret can be too long for a label value.
    metadata: { name, namespace, labels: new Identity('credentials').labels },
    spec: {
      refreshInterval,
      secretStoreRef: { name: store.name, kind },
      target: {
        name,
        creationPolicy: 'Owner',
        // KubeEdge 1.8 stops syncing a Secret that was deleted and re-created.
        deletionPolicy: 'Retain',
        template: { type: kubernetesSecretType(secret) },
      },
      data: Object.entries(externalStorePropertyBySecretKey(secret)).map(([secretKey, property]) => ({
        secretKey,
        remoteRef: { key: `${prefix}${externalStoreEntryKey(secret)}`, property, ...REMOTE_REF_DEFAULTS },
      })),
    } satisfies ExternalSecretSpec,
  });
}

/**
 * Returns the key of the store's entry for a Secret, without prefix: the host or, for clients of a group,
 * `<host>/<group>`.
 */
function externalStoreEntryKey(secret: RequiredSecret): string {
  return secret.side === 'client' && secret.group ? `${secret.host}/${secret.group}` : secret.host;
}

function kubernetesSecretType(secret: RequiredSecret): string {
  return secret.side === 'client' ? 'kubernetes.io/basic-auth' : (secret.format.type ?? 'Opaque');
}

/** Returns, for each key of the Secret, the property of the store's entry that contains the value. */
function externalStorePropertyBySecretKey(secret: RequiredSecret): Record<string, string> {
  return secret.side === 'client'
    ? { username: 'username', password: 'password' }
    : { [secret.format.key]: 'users' };
}
