import type { PrivateCa, PublicEndpoint } from '../contracts/endpoint';
import type { LogSink } from '../contracts/log-sink';
import type { PushgatewaySink, RemoteWriteSink } from '../contracts/metrics-sink';
import { groupNames } from '../core/groups';
import { hostName, objectName, oneOfRule, pathPrefix } from '../core/option-rules';
import { type Options, type OptionTable, validateAndApplyDefaults } from '../core/option-table';
import { privateCaRule } from '../core/platform-options';
import { shardCount } from '../core/shards';
import { configureWorkloadToPushMetrics } from './push-client';

/**
 * Properties for `fromLoki()`, and common properties of all imported sinks. An imported sink is a server outside of
 * this stack, or in another app, that edge nodes reach over HTTPS with Basic Auth.
 */
export interface ImportedSinkProps {
  /** Public DNS name of the server. */
  readonly host: string;
  /** Path prefix in front of the path of the protocol, such as `/loki`. @default - no prefix */
  readonly basePath?: string;
  /** Secret of type `kubernetes.io/basic-auth` in the namespace of each client. */
  readonly credentialsSecretName: string;
  /** Node groups. Each group has its own user on the server. @default - all nodes push as the same user */
  readonly groups?: readonly string[];
  /** CA certificate that verifies the server. @default - the public CA certificates */
  readonly privateCa?: PrivateCa;
}

/** Validation rules of the options of `fromLoki()`. All imported sinks have these options. */
export const IMPORTED_SINK_OPTIONS = {
  host: { rule: hostName },
  basePath: { rule: pathPrefix, default: undefined },
  credentialsSecretName: { rule: objectName },
  groups: { rule: groupNames, default: undefined },
  privateCa: { rule: privateCaRule, default: undefined },
} satisfies OptionTable<ImportedSinkProps>;

/** Properties for `fromPushgateway()`: a Pushgateway outside of this stack, or in another app. */
export interface ImportedPushgatewayProps extends ImportedSinkProps {
  /**
   * Number of shards of the Pushgateway. The number must be equal to `shards` in the settings of the stack that
   * contains the Pushgateway.
   * @default - one Pushgateway without shards
   */
  readonly shards?: number;
}

/** Validation rules of the options of `fromPushgateway()`. */
export const IMPORTED_PUSHGATEWAY_OPTIONS = {
  ...IMPORTED_SINK_OPTIONS,
  shards: { rule: shardCount, default: undefined },
} satisfies OptionTable<ImportedPushgatewayProps>;

/**
 * Returns an existing Pushgateway as a sink.
 * @throws InvalidOptionError when an option is invalid.
 */
export function fromPushgateway(props: ImportedPushgatewayProps): PushgatewaySink {
  const { shards, ...sink } = validateAndApplyDefaults(
    'fromPushgateway',
    props,
    IMPORTED_PUSHGATEWAY_OPTIONS,
  );
  const endpoint = { ...endpointOfImportedSink(sink), ...(shards && { shards }) };
  return {
    protocol: 'pushgateway',
    endpoint,
    connect: (workload, options) => configureWorkloadToPushMetrics(endpoint, workload, options),
  };
}

/** Properties for `fromRemoteWrite()`: a server outside of this stack that supports remote write. */
export interface ImportedRemoteWriteProps extends ImportedSinkProps {
  /**
   * Compression of remote-write requests. vmagent and VictoriaMetrics support `zstd`, which needs a third of the bytes
   * of `snappy`. Prometheus, Mimir, Thanos and all other servers support `snappy`.
   * @default "snappy"
   */
  readonly encoding?: 'zstd' | 'snappy';
}

/** Validation rules of the options of `fromRemoteWrite()`. */
export const IMPORTED_REMOTE_WRITE_OPTIONS = {
  ...IMPORTED_SINK_OPTIONS,
  encoding: { rule: oneOfRule('zstd', 'snappy'), default: 'snappy' },
} satisfies OptionTable<ImportedRemoteWriteProps>;

/**
 * Returns an existing remote-write server as a sink. Clients write to `/api/v1/write` below `basePath`.
 * @throws InvalidOptionError when an option is invalid.
 */
export function fromRemoteWrite(props: ImportedRemoteWriteProps): RemoteWriteSink {
  const { encoding, ...sink } = validateAndApplyDefaults(
    'fromRemoteWrite',
    props,
    IMPORTED_REMOTE_WRITE_OPTIONS,
  );
  return { protocol: 'remote-write', endpoint: endpointOfImportedSink(sink), encoding };
}

/**
 * Returns an existing Loki as a sink.
 * @throws InvalidOptionError when an option is invalid.
 */
export function fromLoki(props: ImportedSinkProps): LogSink {
  return {
    endpoint: endpointOfImportedSink(validateAndApplyDefaults('fromLoki', props, IMPORTED_SINK_OPTIONS)),
  };
}

type SinkOptions = Options<ImportedSinkProps, typeof IMPORTED_SINK_OPTIONS>;

function endpointOfImportedSink({ host, basePath = '', ...known }: SinkOptions): PublicEndpoint {
  const { credentialsSecretName, groups, privateCa } = known;
  return { url: `https://${host}${basePath}`, credentialsSecretName, groups, privateCa };
}
