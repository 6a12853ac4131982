import { type Duration, seconds } from '../../core/units';
import type { LokiDeployment } from './deployment';
import { toLokiDuration } from './units';

/** A retention period for selected log streams. */
export interface StreamRetention {
  /** LogQL selector of the streams, such as `{namespace="audit"}`. */
  readonly selector: string;
  /** Retention period of the streams. */
  readonly period: Duration;
}

/** Retention of lines, and the maximum delay of their arrival. */
export interface LinePeriods {
  readonly retention: Duration;
  readonly streamRetention: readonly StreamRetention[];
  readonly maxLineAge: Duration;
}

/** Settings of Loki on which it depends when queries find late lines. */
export interface LateLinesConfig extends LinePeriods {
  readonly deployment: LokiDeployment;
}

/**
 * Returns the period in which queries search the ingesters in addition to the store. It must be longer than the three
 * hours and some minutes until lines are in the store, and at least as long as late lines are accepted.
 */
const ingesterLookback = (maxLineAge: Duration): Duration =>
  seconds(maxLineAge) > seconds('4h') ? maxLineAge : '4h';

/** Returns the ingester's `query_store_max_look_back_period`. With object storage, Loki does not start if it is set. */
export function maxLookBackConfig({ deployment, maxLineAge }: LateLinesConfig): object {
  return deployment.mode === 'singleBinary'
    ? { query_store_max_look_back_period: toLokiDuration(ingesterLookback(maxLineAge)) }
    : {};
}

/**
 * Returns `index_cache_validity`, from which replicas derive the period that `ingesterLookback` computes. With TSDB, it otherwise only determines how long replicas
 * keep their own index, so chunks must not be deleted within that time.
 */
export function indexCacheConfig(config: LateLinesConfig): object {
  return needsShortIndexCache(config)
    ? { storage_config: { index_cache_validity: toLokiDuration(ingesterLookback(config.maxLineAge)) } }
    : {};
}

/**
 * Returns the setting `query_ingesters_within`, so that rules find late lines before the ingesters flush them. The
 * setting is needed because the ruler has its own querier: Loki copies the period of the ingesters to that querier
 * only if it initializes the ruler's querier last, and the order is random at each start (`initQuerier` in
 * pkg/loki/modules.go of Loki 3.7.6).
 */
export function ingesterQueriesConfig(config: LateLinesConfig): object {
  return config.deployment.mode === 'singleBinary' || needsShortIndexCache(config)
    ? { query_ingesters_within: toLokiDuration(ingesterLookback(config.maxLineAge)) }
    : {};
}

function needsShortIndexCache({ deployment, ...config }: LateLinesConfig): boolean {
  if (deployment.mode !== 'replicated') return false;
  return deployment.lateLines ? deployment.lateLines === 'at-once' : retainsAcceptedLines(config);
}

/**
 * Returns whether all retention periods are long enough that no line is deleted while it is still in the index of a
 * replica.
 */
export const retainsAcceptedLines = ({ retention, streamRetention, maxLineAge }: LinePeriods): boolean =>
  [retention, ...streamRetention.map(({ period }) => period)].every(
    (kept) => seconds(kept) >= 2 * seconds(ingesterLookback(maxLineAge)),
  );
