import type { Construct } from 'constructs';
import type { ExternalSecretSpec } from '../../imports/external-secrets.io';
import type { RequiredSecret } from '../contracts/credentials';
import { Identity } from './labels';
import { apiObject } from './objects';
import { withDefaults } from './option-table';
import { SECRET_STORE, type SecretStore } from './platform-options';

/** Stated, because Argo CD compares the list as a whole (external-secrets#6797). */
const DEFAULTS = { conversionStrategy: 'Default', decodingStrategy: 'None', metadataPolicy: 'None' };

/**
 * Has a Secret made from the entry of its host: property `users` holds the lines that the server reads,
 * `username` and `password` what the clients use.
 */
export function externalSecret(scope: Construct, store: SecretStore, secret: RequiredSecret): void {
  const { namespace, name } = secret;
  const { refreshInterval, kind, prefix } = withDefaults(SECRET_STORE, store);
  apiObject(scope, `ExternalSecret-${name}`, {
    // Served since External Secrets 0.16.
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    // A Secret may have a longer name than a label.
    metadata: { name, namespace, labels: new Identity('credentials').labels },
    spec: {
      refreshInterval,
      secretStoreRef: { name: store.name, kind },
      target: {
        name,
        creationPolicy: 'Owner',
        // KubeEdge 1.8 stops syncing a Secret that was deleted and made anew.
        deletionPolicy: 'Retain',
        template: { type: typeOf(secret) },
      },
      data: Object.entries(propertiesOf(secret)).map(([secretKey, property]) => ({
        secretKey,
        remoteRef: { key: `${prefix}${entryOf(secret)}`, property, ...DEFAULTS },
      })),
    } satisfies ExternalSecretSpec,
  });
}

/** Clients of a group have an entry of their own below that of the host. */
function entryOf(secret: RequiredSecret): string {
  return secret.side === 'client' && secret.group ? `${secret.host}/${secret.group}` : secret.host;
}

function typeOf(secret: RequiredSecret): string {
  return secret.side === 'client' ? 'kubernetes.io/basic-auth' : (secret.format.type ?? 'Opaque');
}

/** Keys of the Secret, and the properties of the store's entry that fill them. */
function propertiesOf(secret: RequiredSecret): Record<string, string> {
  return secret.side === 'client'
    ? { username: 'username', password: 'password' }
    : { [secret.format.key]: 'users' };
}
