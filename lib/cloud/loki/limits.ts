import { quantity, wholeNumberRule } from '../../core/option-rules';
import { type OptionTable, optionsRule } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { toLokiMebibytes, toLokiSize } from './units';

/** Limits of a Loki tenant. If there are no tenants, the limits apply to the whole fleet. */
export interface LokiLimits {
  /**
   * Maximum number of active streams. A container has about two streams (stdout and stderr).
   * @default 50000
   */
  readonly streams?: number;
  /** Maximum rate of log data, in bytes per second. @default "16Mi" */
  readonly ingestionRate?: Quantity;
  /** Maximum size of a log line. Loki truncates longer lines. @default "256Ki" */
  readonly lineSize?: Quantity;
  /**
   * Maximum number of series in the result of a query, in total for all tenants that the query covers. Many dashboard
   * panels have one series per node.
   * @default 10000
   */
  readonly querySeries?: number;
}

/** Validation rule and default of each field of `LokiLimits`. */
export const LOKI_LIMITS = {
  streams: { rule: wholeNumberRule(1, 10_000_000), default: 50_000 },
  ingestionRate: { rule: quantity, default: '16Mi' },
  lineSize: { rule: quantity, default: '256Ki' },
  querySeries: { rule: wholeNumberRule(1, 1_000_000), default: 10_000 },
} satisfies OptionTable<LokiLimits>;

/** Validates `LokiLimits`. */
export const lokiLimits = optionsRule<LokiLimits>(LOKI_LIMITS);

/** Returns limits in the format of Loki's section `limits_config`, without limits that are undefined. */
export function lokiLimitsConfig({ streams, ingestionRate, lineSize, querySeries }: LokiLimits): object {
  return {
    ...(streams && { max_global_streams_per_user: streams }),
    ...(ingestionRate && {
      ingestion_rate_mb: toLokiMebibytes(ingestionRate),
      ingestion_burst_size_mb: 2 * toLokiMebibytes(ingestionRate),
    }),
    ...(lineSize && { max_line_size: toLokiSize(lineSize), max_line_size_truncate: true }),
    ...(querySeries && { max_query_series: querySeries }),
  };
}
