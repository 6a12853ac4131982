import { quantity, wholeNumber } from '../../core/option-rules';
import { type OptionTable, optionsRule } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { lokiMegabytes, lokiSize } from './units';

/** How much of Loki one tenant may take; without tenants, the whole fleet. */
export interface LokiLimits {
  /** Streams that are written to at once: about two for each container. @default 50000 */
  readonly streams?: number;
  /** Bytes of lines that are taken a second. @default "16Mi" */
  readonly ingestionRate?: Quantity;
  /** Longer lines are cut. @default "256Ki" */
  readonly lineSize?: Quantity;
  /** Series that the answer to one query may have, of all tenants that it asks: one for each node in many panels. @default 10000 */
  readonly querySeries?: number;
}

/** The limits of a tenant. */
export const LOKI_LIMITS = {
  streams: { rule: wholeNumber(1, 10_000_000), default: 50_000 },
  ingestionRate: { rule: quantity, default: '16Mi' },
  lineSize: { rule: quantity, default: '256Ki' },
  querySeries: { rule: wholeNumber(1, 1_000_000), default: 10_000 },
} satisfies OptionTable<LokiLimits>;

/** What limits may be. */
export const lokiLimits = optionsRule<LokiLimits>(LOKI_LIMITS);

/** Limits in the form of Loki's configuration; what is not given is not written. */
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
