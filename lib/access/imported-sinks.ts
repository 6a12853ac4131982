import type { PrivateCa, PublicEndpoint } from '../contracts/endpoint';
import type { LogSink } from '../contracts/log-sink';
import type { PushgatewaySink, RemoteWriteSink } from '../contracts/metrics-sink';
import { groupNames } from '../core/groups';
import { hostName, objectName, oneOf, pathPrefix } from '../core/option-rules';
import { privateCaRule } from '../core/platform-options';
import { shardCount } from '../core/shards';
import { type RuleTable, required, verifyOptions } from '../core/structure-rules';
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

const OPTIONS: RuleTable<ImportedSinkProps> = {
  host: required(hostName),
  basePath: pathPrefix,
  credentialsSecretName: required(objectName),
  groups: groupNames,
  privateCa: privateCaRule,
};

/** A Pushgateway outside this stack, or in another app of it. */
export interface ImportedPushgatewayProps extends ImportedSinkProps {
  /** How many pods share the load there, as its `shards` says. @default - there is only one */
  readonly shards?: number;
}

const PUSHGATEWAY_OPTIONS: RuleTable<ImportedPushgatewayProps> = { ...OPTIONS, shards: shardCount };

/**
 * A Pushgateway that exists already.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function fromPushgateway(props: ImportedPushgatewayProps): PushgatewaySink {
  verifyOptions('fromPushgateway', props, PUSHGATEWAY_OPTIONS);
  const { shards } = props;
  const endpoint = { ...endpointOf(props), ...(shards && { shards }) };
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

const REMOTE_WRITE_OPTIONS: RuleTable<ImportedRemoteWriteProps> = {
  ...OPTIONS,
  encoding: oneOf('zstd', 'snappy'),
};

/**
 * A server that takes remote write at `/api/v1/write` below its base path, and exists already.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function fromRemoteWrite(props: ImportedRemoteWriteProps): RemoteWriteSink {
  verifyOptions('fromRemoteWrite', props, REMOTE_WRITE_OPTIONS);
  return { protocol: 'remote-write', endpoint: endpointOf(props), encoding: props.encoding ?? 'snappy' };
}

/**
 * A Loki that exists already.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function fromLoki(props: ImportedSinkProps): LogSink {
  verifyOptions('fromLoki', props, OPTIONS);
  return { endpoint: endpointOf(props) };
}

function endpointOf(props: ImportedSinkProps): PublicEndpoint {
  return {
    url: `https://${props.host}${props.basePath ?? ''}`,
    credentialsSecretName: props.credentialsSecretName,
    groups: props.groups,
    privateCa: props.privateCa,
  };
}
