import type { PublicEndpoint } from './endpoint';

/** Path of Loki's push API, below its base URL. */
export const LOKI_PUSH_PATH = '/loki/api/v1/push';

/** Default time for which a log agent collects lines before it sends them in one batch. */
export const DEFAULT_LOG_BATCH_WAIT = '10s';

/** A destination for the logs of edge nodes: a `LokiStack`, or an imported Loki (`fromLoki`). */
export interface LogSink {
  /**
   * URL and credentials for clients. Clients append `/loki/api/v1/push` to the URL.
   * @throws InvalidOptionError when no ingress exposes the sink.
   */
  readonly endpoint: PublicEndpoint;
}
