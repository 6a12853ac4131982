import type { PrivateCa, PublicEndpoint } from '../contracts/endpoint';
import type { LogSink } from '../contracts/log-sink';
import type { PushgatewaySink, RemoteWriteSink } from '../contracts/metrics-sink';
import { groupNames } from '../core/groups';
import { hostName, objectName, oneOf, pathPrefix } from '../core/option-rules';
import { type Options, type OptionTable, optionsOf } from '../core/option-table';
import { privateCaRule } from '../core/platform-options';
import { shardCount } from '../core/shards';
import { connectPushClient } from './push-client';

/** Properties for `fromLoki()`: a server outside this stack that the edge reaches over HTTPS with Basic Auth. */
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

/** The options of `fromLoki()`, which all imported sinks have. */
export const IMPORTED_SINK_OPTIONS = {
  host: { rule: hostName },
  basePath: { rule: pathPrefix, default: undefined },
  credentialsSecretName: { rule: objectName },
  groups: { rule: groupNames, default: undefined },
  privateCa: { rule: privateCaRule, default: undefined },
} satisfies OptionTable<ImportedSinkProps>;

/** Properties for `fromPushgateway()`: a Pushgateway outside this stack, or in another app of it. */
export interface ImportedPushgatewayProps extends ImportedSinkProps {
  /** How many pods share the load there, as its `shards` says. @default - there is only one */
  readonly shards?: number;
}

/** The options of `fromPushgateway()`. */
export const IMPORTED_PUSHGATEWAY_OPTIONS = {
  ...IMPORTED_SINK_OPTIONS,
  shards: { rule: shardCount, default: undefined },
} satisfies OptionTable<ImportedPushgatewayProps>;

/**
 * A Pushgateway that exists already.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function fromPushgateway(props: ImportedPushgatewayProps): PushgatewaySink {
  const { shards, ...sink } = optionsOf('fromPushgateway', props, IMPORTED_PUSHGATEWAY_OPTIONS);
  const endpoint = { ...endpointOf(sink), ...(shards && { shards }) };
  return {
    protocol: 'pushgateway',
    endpoint,
    connect: (workload, options) => connectPushClient(endpoint, workload, options),
  };
}

/** Properties for `fromRemoteWrite()`: a server that takes remote write. */
export interface ImportedRemoteWriteProps extends ImportedSinkProps {
  /**
   * How batches are packed. vmagent and VictoriaMetrics read `zstd`, a third of the bytes; Prometheus, Mimir,
   * Thanos and all others read `snappy`.
   * @default "snappy"
   */
  readonly encoding?: 'zstd' | 'snappy';
}

/** The options of `fromRemoteWrite()`. */
export const IMPORTED_REMOTE_WRITE_OPTIONS = {
  ...IMPORTED_SINK_OPTIONS,
  encoding: { rule: oneOf('zstd', 'snappy'), default: 'snappy' },
} satisfies OptionTable<ImportedRemoteWriteProps>;

/**
 * A server that takes remote write at `/api/v1/write` below its base path, and exists already.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function fromRemoteWrite(props: ImportedRemoteWriteProps): RemoteWriteSink {
  const { encoding, ...sink } = optionsOf('fromRemoteWrite', props, IMPORTED_REMOTE_WRITE_OPTIONS);
  return { protocol: 'remote-write', endpoint: endpointOf(sink), encoding };
}

/**
 * A Loki that exists already.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function fromLoki(props: ImportedSinkProps): LogSink {
  return { endpoint: endpointOf(optionsOf('fromLoki', props, IMPORTED_SINK_OPTIONS)) };
}

type SinkOptions = Options<ImportedSinkProps, typeof IMPORTED_SINK_OPTIONS>;

function endpointOf({ host, basePath = '', ...known }: SinkOptions): PublicEndpoint {
  const { credentialsSecretName, groups, privateCa } = known;
  return { url: `https://${host}${basePath}`, credentialsSecretName, groups, privateCa };
}
