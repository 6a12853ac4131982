import type { Construct } from 'constructs';
import type { PushClientOptions } from '../../contracts/metrics-sink';
import {
  addPushConnectionToPods,
  type Connection,
  PUSH_CREDENTIALS_DIR,
  requireKubernetesObjectOfWorkload,
  usesHostNetwork,
  volumeAndMountOfPushCredentials,
} from '../../core/connected-workload';
import { envFromField } from '../../core/pods';
import { registerSecretAndExternalSecret } from '../../core/required-secrets';
import { optionError } from '../../core/validation';
import type { ResolvedPushes } from './pushes';

/** Host name of the agents on edge nodes in the command `credentials`, such as in `--host edge-nodes`. */
const PUSH_HOST = 'edge-nodes';

/**
 * Name of the environment variable with the node's IP address. Pods that are not on the host's network need the
 * address, because no DNS name resolves to their node.
 */
const NODE_ADDRESS = 'EDGE_NODE_ADDRESS';

/** Records that the chart needs the Secret with the users that may push from the pod network. */
export function registerPushUsersSecret(
  scope: Construct,
  namespace: string,
  { usersSecretName: name }: ResolvedPushes,
): void {
  const format = { key: 'auth', hash: 'sha1' } as const;
  registerSecretAndExternalSecret(scope, { side: 'server', host: PUSH_HOST, namespace, name, format });
}

/**
 * Adds environment variables and credentials to a workload, so that its containers can push to the agent of their node.
 * @throws InvalidOptionError in these cases:
 * - the workload has no pod template, or no container of the given name
 * - a container already has one of the variables
 * - the pods are not on the host's network, and `podCidrs` is empty
 */
export function connectWorkloadToNodeAgent(
  workload: Construct,
  { podCidrs, port, credentialsSecretName: name }: ResolvedPushes & { readonly port: number },
  options: Pick<PushClientOptions, 'container'>,
): void {
  const object = requireKubernetesObjectOfWorkload(workload, options);
  if (!usesHostNetwork(workload, object)) {
    if (!podCidrs.length) {
      throw optionError(
        workload,
        'the pods are not on the host network, and the agent accepts pushes only on the loopback address: add the pod network to podCidrs, or set hostNetwork',
      );
    }
    const { namespace = 'default' } = object.metadata;
    registerSecretAndExternalSecret(object, { side: 'client', host: PUSH_HOST, namespace, name });
  }
  addPushConnectionToPods(workload, object, options, (isLocal) =>
    podSettingsForPushingToNodeAgent(port, isLocal ? undefined : name),
  );
}

function podSettingsForPushingToNodeAgent(port: number, secretName: string | undefined): Connection {
  if (!secretName)
    return { volumes: [], mounts: [], env: pushClientEnvVariables(`http://127.0.0.1:${port}`) };
  const { volume, mount } = volumeAndMountOfPushCredentials(secretName);
  return {
    volumes: [volume],
    mounts: [mount],
    env: [
      envFromField(NODE_ADDRESS, 'status.hostIP'),
      ...pushClientEnvVariables(`http://$(${NODE_ADDRESS}):${port}`),
      { name: 'PUSHGATEWAY_CREDENTIALS_DIR', value: PUSH_CREDENTIALS_DIR },
    ],
  };
}

/**
 * Returns the environment variables with which Pushgateway clients and OpenTelemetry SDKs push to a URL
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
 */
const pushClientEnvVariables = (url: string) =>
  Object.entries({
    PUSHGATEWAY_URL: url,
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${url}/v1/metrics`,
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'none',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'cumulative',
  }).map(([name, value]) => ({ name, value }));
