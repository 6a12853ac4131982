import type { PublicEndpoint } from './endpoint';

/** Path of Loki's push API below its base URL. */
export const LOKI_PUSH_PATH = '/loki/api/v1/push';

/** How long an agent collects a batch of lines. */
export const DEFAULT_LOG_BATCH_WAIT = '10s';

/** Where logs of the edge go: a LokiStack, or an imported Loki. */
export interface LogSink {
  /** Base URL; the push path `/loki/api/v1/push` is the protocol's. @throws InvalidOptionError when nothing exposes it. */
  readonly endpoint: PublicEndpoint;
}
