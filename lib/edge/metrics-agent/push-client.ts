import type { Construct } from 'constructs';
import type { PushClientOptions } from '../../contracts/metrics-sink';
import {
  type Connection,
  connectableObject,
  isOnHostNetwork,
  PUSH_CREDENTIALS_DIR,
  patchConnectedPods,
  pushCredentials,
} from '../../core/connected-workload';
import { envFromField } from '../../core/pods';
import { requireSecret } from '../../core/required-secrets';
import { invalid } from '../../core/validation';
import type { KnownPushes } from './pushes';

/** Name for the nodes among the hosts of the command `credentials`. */
const PUSH_HOST = 'edge-nodes';

/** Variable with the address of the node: pods with a network of their own know it by no name. */
const NODE_ADDRESS = 'EDGE_NODE_ADDRESS';

/** Registers the Secret with the users that may push from the pod network. */
export function requirePushUsers(
  scope: Construct,
  namespace: string,
  { usersSecretName: name }: KnownPushes,
): void {
  const format = { key: 'auth', hash: 'sha1' } as const;
  requireSecret(scope, { side: 'server', host: PUSH_HOST, namespace, name, format });
}

/** Gives a workload what its services push with to the agent of their node. */
export function connectToNode(
  workload: Construct,
  { podCidrs, port, credentialsSecretName: name }: KnownPushes & { readonly port: number },
  options: Pick<PushClientOptions, 'container'>,
): void {
  const object = connectableObject(workload, options);
  if (!isOnHostNetwork(workload, object)) {
    if (!podCidrs.length) {
      throw invalid(
        workload,
        'its pods have a network of their own, and the agent takes pushes on the loopback address alone: name their networks in `podCidrs`, or set hostNetwork',
      );
    }
    const { namespace = 'default' } = object.metadata;
    requireSecret(object, { side: 'client', host: PUSH_HOST, namespace, name });
  }
  patchConnectedPods(workload, object, options, (isLocal) =>
    nodeAgentConnection(port, isLocal ? undefined : name),
  );
}

function nodeAgentConnection(port: number, secretName: string | undefined): Connection {
  if (!secretName) return { volumes: [], mounts: [], env: pushUrlVariables(`http://127.0.0.1:${port}`) };
  const { volume, mount } = pushCredentials(secretName);
  return {
    volumes: [volume],
    mounts: [mount],
    env: [
      envFromField(NODE_ADDRESS, 'status.hostIP'),
      ...pushUrlVariables(`http://$(${NODE_ADDRESS}):${port}`),
      { name: 'PUSHGATEWAY_CREDENTIALS_DIR', value: PUSH_CREDENTIALS_DIR },
    ],
  };
}

/** https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
const pushUrlVariables = (url: string) =>
  Object.entries({
    PUSHGATEWAY_URL: url,
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${url}/v1/metrics`,
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'none',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'cumulative',
  }).map(([name, value]) => ({ name, value }));
