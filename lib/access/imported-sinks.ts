import type { PrivateCa, PublicEndpoint } from '../contracts/endpoint';
import type { LogSink } from '../contracts/log-sink';
import type { PushgatewaySink, RemoteWriteSink } from '../contracts/metrics-sink';
import { groupNames } from '../core/groups';
import { configMapKey, hostName, objectName, oneOf, pathPrefix } from '../core/option-rules';
import { shardCount } from '../core/shards';
import { verify } from '../core/validation';
import { connectPushClient } from './push-client';

/** A server outside this stack that the edge reaches over HTTPS with Basic Auth. */
export interface ImportedSinkProps {
  /** Public DNS name. */
  readonly host: string;
  /** Path before the protocol's own. @default - none */
  readonly basePath?: string;
  /** Secret of type `kubernetes.io/basic-auth` in the namespace of each client. */
  readonly credentialsSecretName: string;
  /** Groups of nodes that have users of their own there. @default - all nodes push as the same user */
  readonly groups?: readonly string[];
  /** @default - a public authority signed the certificate */
  readonly privateCa?: PrivateCa;
}

/** A Pushgateway outside this stack, or in another app of it. */
export interface ImportedPushgatewayProps extends ImportedSinkProps {
  /** How many pods share the load there, as its `shards` says. @default - there is only one */
  readonly shards?: number;
}

/**
 * A Pushgateway that exists already.
 *
 * @throws InvalidOptionError when the host, the path, the Secret's name or the number of shards is not allowed.
 */
export function fromPushgateway({ shards, ...props }: ImportedPushgatewayProps): PushgatewaySink {
  verify('fromPushgateway', { shards: [shards, shardCount] });
  const endpoint = { ...imported('fromPushgateway', props), ...(shards && { shards }) };
  return {
    protocol: 'pushgateway',
    endpoint,
    connect: (workload, options) => connectPushClient(endpoint, workload, options),
  };
}

/** A server that takes remote write. */
export interface ImportedRemoteWriteProps extends ImportedSinkProps {
  /**
   * How batches are packed. vmagent and VictoriaMetrics read `zstd`, a third of the bytes; Prometheus, Mimir,
   * Thanos and all others read `snappy`.
   * @default "snappy"
   */
  readonly encoding?: 'zstd' | 'snappy';
}

/**
 * A server that takes remote write at `/api/v1/write` below its base path, and exists already.
 *
 * @throws InvalidOptionError when the host, the path, the Secret's name or the encoding is not allowed.
 */
export function fromRemoteWrite({
  encoding = 'snappy',
  ...props
}: ImportedRemoteWriteProps): RemoteWriteSink {
  verify('fromRemoteWrite', { encoding: [encoding, oneOf('zstd', 'snappy')] });
  return { protocol: 'remote-write', endpoint: imported('fromRemoteWrite', props), encoding };
}

/**
 * A Loki that exists already.
 *
 * @throws InvalidOptionError when the host, the path or the Secret's name is not allowed.
 */
export function fromLoki(props: ImportedSinkProps): LogSink {
  return { endpoint: imported('fromLoki', props) };
}

function imported(where: string, props: ImportedSinkProps): PublicEndpoint {
  verify(where, {
    host: [props.host ?? null, hostName],
    basePath: [props.basePath, pathPrefix],
    credentialsSecretName: [props.credentialsSecretName ?? null, objectName],
    groups: [props.groups, groupNames],
    'privateCa.configMapName': [props.privateCa && (props.privateCa.configMapName ?? null), objectName],
    'privateCa.key': [props.privateCa && (props.privateCa.key ?? null), configMapKey],
  });
  return {
    url: `https://${props.host}${props.basePath ?? ''}`,
    credentialsSecretName: props.credentialsSecretName,
    groups: props.groups,
    privateCa: props.privateCa,
  };
}
