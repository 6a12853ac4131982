import type { PublicEndpoint } from './endpoint';

/** Path of Loki's push API, below its base URL. */
export const LOKI_PUSH_PATH = '/loki/api/v1/push';

/** How long an agent collects a batch of lines. */
export const DEFAULT_LOG_BATCH_WAIT = '10s';

/** A destination for logs of edge nodes: a `LokiStack`, or an imported Loki. */
export interface LogSink {
  /**
   * Base URL, to which clients add `/loki/api/v1/push`.
   * @throws InvalidOptionError when no ingress exposes the sink.
   */
  readonly endpoint: PublicEndpoint;
}
