import type { PrivateCa } from './endpoint';
import type { NetworkServer } from './network';

/** What keeps samples that come in by remote write: the Prometheus of this stack, or a store elsewhere. */
export interface RemoteWriteStore {
  /** The whole address that is written to, without credentials. */
  readonly writeUrl: string;
  /** What a writer connects to, so that network policies open exactly that. */
  readonly writeServer: NetworkServer;
  /** How batches are packed: `zstd` for VictoriaMetrics, `snappy` for all others. */
  readonly encoding: 'zstd' | 'snappy';
  /**
   * How late a sample may come, in seconds, where one that is later has its whole request refused, as
   * Prometheus does. Such a store is written to through a filter.
   * @default - the store refuses single samples
   */
  readonly outOfOrderSeconds?: number;
  /** Secret of type `kubernetes.io/basic-auth` in the writer's namespace. @default - the store needs no password */
  readonly credentialsSecretName?: string;
  /** @default - a public authority signed the certificate, or there is none */
  readonly privateCa?: PrivateCa;
  /** Request headers, such as the tenant's. No secret stands here. @default - none */
  readonly headers?: Readonly<Record<string, string>>;
}
