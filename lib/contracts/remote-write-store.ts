import type { PrivateCa } from './endpoint';
import type { NetworkServer } from './network';

/** A store that receives samples by remote write: the Prometheus of this stack, or an external store. */
export interface RemoteWriteStore {
  /** Full URLs to write to, without credentials, one for each replica: each of them gets all samples. */
  readonly writeUrls: readonly string[];
  /** The server that writers connect to; network policies are derived from it. */
  readonly writeServer: NetworkServer;
  /** Compression of batches: `zstd` for VictoriaMetrics, `snappy` for all other stores. */
  readonly encoding: 'zstd' | 'snappy';
  /**
   * Out-of-order window in seconds, for a store such as Prometheus that rejects a whole request because of
   * one older sample. The gateway then writes to it through a filter that drops such samples.
   * @default - the store rejects single samples
   */
  readonly outOfOrderSeconds?: number;
  /** Secret of type `kubernetes.io/basic-auth` in the writer's namespace. @default - no authentication */
  readonly credentialsSecretName?: string;
  /** CA certificate that verifies the store. @default - the public CA certificates, if the URL is HTTPS */
  readonly privateCa?: PrivateCa;
  /** Request headers, such as the tenant's. Do not put secrets here. @default - none */
  readonly headers?: Readonly<Record<string, string>>;
}
