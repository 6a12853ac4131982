import type { Construct } from 'constructs';
import type { PublicEndpoint } from '../contracts/endpoint';
import type { PushClientOptions } from '../contracts/metrics-sink';
import {
  addPushConnectionToPods,
  type Connection,
  PUSH_CREDENTIALS_DIR,
  requireKubernetesObjectOfWorkload,
  volumeAndMountOfPushCredentials,
} from '../core/connected-workload';
import { clientEndpointOfGroup } from '../core/groups';
import { caFilePath, caMounts } from '../core/private-ca';
import { registerClientSecretAndExternalSecret } from '../core/required-secrets';
import { optionError } from '../core/validation';

const CA_DIR = '/etc/pushgateway/ca';

/**
 * Configures a workload that pushes its own metrics. The workload's container gets these environment variables:
 *
 * - `PUSHGATEWAY_URL`: URL of the Pushgateway
 * - `PUSHGATEWAY_CREDENTIALS_DIR`: folder with the files `username` and `password`
 * - `PUSHGATEWAY_CA_FILE`: file with the private CA certificate, if one is set
 * - `PUSHGATEWAY_SHARDS`: number of shards, from which the program computes its own shard
 *
 * No variable contains a secret.
 * @throws InvalidOptionError in these cases:
 * - the workload has no pod template, or no container with the given name
 * - the workload already has one of the variables or volumes
 * - the sink does not have the given group
 * - clients of the sink use no password
 */
export function configureWorkloadToPushMetrics(
  sink: PublicEndpoint,
  workload: Construct,
  options: PushClientOptions = {},
): void {
  const object = requireKubernetesObjectOfWorkload(workload, options);
  const endpoint = clientEndpointOfGroup(workload, sink, options.group);
  const { credentialsSecretName } = endpoint;
  if (!credentialsSecretName) {
    throw optionError(
      workload,
      `clients of ${endpoint.url} authenticate with the certificate of their node, which only agents of this package mount: connect the workload to a sink whose clients use a password`,
    );
  }
  registerClientSecretAndExternalSecret(object, object.metadata.namespace ?? 'default', endpoint);
  addPushConnectionToPods(workload, object, options, () =>
    podSettingsForPushingToPushgateway(endpoint, credentialsSecretName),
  );
}

function podSettingsForPushingToPushgateway(
  endpoint: PublicEndpoint,
  credentialsSecretName: string,
): Connection {
  const { url, shards, privateCa } = endpoint;
  const caFile = caFilePath(CA_DIR, endpoint);
  const variables = {
    PUSHGATEWAY_URL: url,
    ...(shards && { PUSHGATEWAY_SHARDS: String(shards) }),
    PUSHGATEWAY_CREDENTIALS_DIR: PUSH_CREDENTIALS_DIR,
    ...(caFile && { PUSHGATEWAY_CA_FILE: caFile }),
  };
  const caVolume = privateCa && { name: 'push-ca', configMap: { name: privateCa.configMapName } };
  const { volume, mount } = volumeAndMountOfPushCredentials(credentialsSecretName);
  return {
    volumes: [volume, ...(caVolume ? [caVolume] : [])],
    mounts: [mount, ...caMounts(CA_DIR, endpoint, 'push-ca')],
    env: Object.entries(variables).map(([name, value]) => ({ name, value })),
  };
}
