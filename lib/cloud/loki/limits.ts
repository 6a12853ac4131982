import { quantity, wholeNumber } from '../../core/option-rules';
import { type OptionTable, optionsRule } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { lokiMegabytes, lokiSize } from './units';

/** Limits of a Loki tenant; without tenants, of the whole fleet. */
export interface LokiLimits {
  /** Maximum number of active streams; a container has about two. @default 50000 */
  readonly streams?: number;
  /** Maximum rate of log data, in bytes per second. @default "16Mi" */
  readonly ingestionRate?: Quantity;
  /** Maximum size of a log line; longer lines are truncated. @default "256Ki" */
  readonly lineSize?: Quantity;
  /**
   * Maximum number of series in a query's result, for all its tenants together. Many panels have one series
   * per node.
   * @default 10000
   */
  readonly querySeries?: number;
}

/** The limits of a tenant. */
export const LOKI_LIMITS = {
  streams: { rule: wholeNumber(1, 10_000_000), default: 50_000 },
  ingestionRate: { rule: quantity, default: '16Mi' },
  lineSize: { rule: quantity, default: '256Ki' },
  querySeries: { rule: wholeNumber(1, 1_000_000), default: 10_000 },
} satisfies OptionTable<LokiLimits>;

/** Rule for an option with Loki limits. */
export const lokiLimits = optionsRule<LokiLimits>(LOKI_LIMITS);

/** Returns limits in the format of Loki's configuration; undefined ones are omitted. */
export function limitsConfig({ streams, ingestionRate, lineSize, querySeries }: LokiLimits): object {
  return {
    ...(streams && { max_global_streams_per_user: streams }),
    ...(ingestionRate && {
      ingestion_rate_mb: lokiMegabytes(ingestionRate),
      ingestion_burst_size_mb: 2 * lokiMegabytes(ingestionRate),
    }),
    ...(lineSize && { max_line_size: lokiSize(lineSize), max_line_size_truncate: true }),
    ...(querySeries && { max_query_series: querySeries }),
  };
}
