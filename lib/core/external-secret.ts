import type { Construct } from 'constructs';
import type { ExternalSecretSpec } from '../../imports/external-secrets.io';
import type { RequiredSecret } from '../contracts/credentials';
import { Identity } from './labels';
import { apiObject } from './objects';
import { withDefaults } from './option-table';
import { SECRET_STORE, type SecretStore } from './platform-options';

/** Defaults are stated because Argo CD compares the list as a whole (external-secrets#6797). */
const DEFAULTS = { conversionStrategy: 'Default', decodingStrategy: 'None', metadataPolicy: 'None' };

/**
 * Creates an ExternalSecret for the entry of the host. The property `users` holds the lines for the server;
 * `username` and `password` are for clients.
 */
export function externalSecret(scope: Construct, store: SecretStore, secret: RequiredSecret): void {
  const { namespace, name } = secret;
  const { refreshInterval, kind, prefix } = withDefaults(SECRET_STORE, store);
  apiObject(scope, `ExternalSecret-${name}`, {
    // Available since External Secrets 0.16.
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    // The name of a Secret may be too long for a label value.
    metadata: { name, namespace, labels: new Identity('credentials').labels },
    spec: {
      refreshInterval,
      secretStoreRef: { name: store.name, kind },
      target: {
        name,
        creationPolicy: 'Owner',
        // KubeEdge 1.8 stops syncing a Secret that was deleted and re-created.
        deletionPolicy: 'Retain',
        template: { type: secretTypeOf(secret) },
      },
      data: Object.entries(secretKeysOf(secret)).map(([secretKey, property]) => ({
        secretKey,
        remoteRef: { key: `${prefix}${storeEntryOf(secret)}`, property, ...DEFAULTS },
      })),
    } satisfies ExternalSecretSpec,
  });
}

/** Returns the key of the store's entry. Clients of a group have their own entry below that of the host. */
function storeEntryOf(secret: RequiredSecret): string {
  return secret.side === 'client' && secret.group ? `${secret.host}/${secret.group}` : secret.host;
}

function secretTypeOf(secret: RequiredSecret): string {
  return secret.side === 'client' ? 'kubernetes.io/basic-auth' : (secret.format.type ?? 'Opaque');
}

/** Returns the keys of the Secret with the entry's properties that fill them. */
function secretKeysOf(secret: RequiredSecret): Record<string, string> {
  return secret.side === 'client'
    ? { username: 'username', password: 'password' }
    : { [secret.format.key]: 'users' };
}
