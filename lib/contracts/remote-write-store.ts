import type { PrivateCa } from './endpoint';
import type { NetworkServer } from './network';

/** A store that receives samples by remote write: the Prometheus of this stack, or an external store. */
export interface RemoteWriteStore {
  /** Full remote-write URLs without credentials, one for each replica. Writers send all samples to each URL. */
  readonly writeUrls: readonly string[];
  /** The server that writers connect to, for network policies. */
  readonly writeServer: NetworkServer;
  /** Compression of remote-write requests: `zstd` for VictoriaMetrics, `snappy` for all other stores. */
  readonly encoding: 'zstd' | 'snappy';
  /**
   * Out-of-order window in seconds. Set this option for a store that rejects a whole request if a single sample is
   * too old, such as Prometheus. The metrics gateway then writes through a filter that drops samples older than this
   * window.
   * @default - no filter: the store rejects only the samples that are too old
   */
  readonly outOfOrderSeconds?: number;
  /**
   * Name of a Secret of type `kubernetes.io/basic-auth` in the writer's namespace. @default - writers send no
   * password
   */
  readonly credentialsSecretName?: string;
  /**
   * CA certificate with which writers verify the store. @default - public CA certificates, if the URL is
   * HTTPS
   */
  readonly privateCa?: PrivateCa;
  /**
   * Request headers, such as `X-Scope-OrgID` for a tenant. Do not put secrets here.
   * @default - no additional headers
   */
  readonly headers?: Readonly<Record<string, string>>;
}
