import { type Duration, toSeconds } from '../../core/units';
import type { LokiDeployment } from './deployment';
import { toLokiDuration } from './units';

/** A retention period for the log streams that a selector matches. */
export interface StreamRetention {
  /** LogQL selector of the streams, such as `{namespace="audit"}`. */
  readonly selector: string;
  /** Retention period of the streams. */
  readonly period: Duration;
}

/** Retention periods of log lines, and the maximum age of a line when Loki receives it (`maxLineAge`). */
export interface LinePeriods {
  readonly retention: Duration;
  readonly streamRetention: readonly StreamRetention[];
  readonly maxLineAge: Duration;
}

/** Settings of Loki that determine how soon queries find late lines. */
export interface LateLinesConfig extends LinePeriods {
  readonly deployment: LokiDeployment;
}

/**
 * Returns the lookback: the maximum age of lines for which queries search the ingesters, in addition to the store. The
 * lookback is `maxLineAge`, so that queries find late lines in the ingesters. The minimum is four hours, because new
 * lines are in the store only after three hours and some minutes.
 */
const ingesterLookback = (maxLineAge: Duration): Duration =>
  toSeconds(maxLineAge) > toSeconds('4h') ? maxLineAge : '4h';

/**
 * Returns the setting `query_store_max_look_back_period` for the section `ingester`. Returns an empty object for a
 * replicated Loki, because Loki does not start if this setting is combined with object storage.
 */
export function ingesterStoreLookbackConfig({ deployment, maxLineAge }: LateLinesConfig): object {
  return deployment.mode === 'singleBinary'
    ? { query_store_max_look_back_period: toLokiDuration(ingesterLookback(maxLineAge)) }
    : {};
}

/**
 * Returns the setting `index_cache_validity` if Loki is replicated and queries find late lines immediately. Otherwise
 * returns an empty object. Loki uses the setting as the lookback of queries (`ingesterLookback`), and as the time for
 * which each replica keeps its own index. Loki must not delete chunks within this time.
 */
export function indexCacheValidityConfig(config: LateLinesConfig): object {
  return canReplicatedLokiFindLateLinesAtOnce(config)
    ? { storage_config: { index_cache_validity: toLokiDuration(ingesterLookback(config.maxLineAge)) } }
    : {};
}

/**
 * Returns the setting `query_ingesters_within`, with which rules find late lines before the ingesters flush them.
 * Returns an empty object if queries find late lines only when they are in the bucket.
 * The setting is needed because Loki has two queriers: one for the ruler, one for other queries. Loki applies the
 * ingesters' lookback only to the querier that it initializes last, and the order is random at each start
 * (`initQuerier` in pkg/loki/modules.go of Loki 3.7.6).
 */
export function querierIngesterLookbackConfig(config: LateLinesConfig): object {
  return config.deployment.mode === 'singleBinary' || canReplicatedLokiFindLateLinesAtOnce(config)
    ? { query_ingesters_within: toLokiDuration(ingesterLookback(config.maxLineAge)) }
    : {};
}

/**
 * Returns whether queries to a replicated Loki find late lines immediately. If `lateLines` is not set, this depends on
 * the retention periods. Returns false for a single Loki.
 */
function canReplicatedLokiFindLateLinesAtOnce({ deployment, ...config }: LateLinesConfig): boolean {
  if (deployment.mode !== 'replicated') return false;
  return deployment.lateLines
    ? deployment.lateLines === 'at-once'
    : areRetentionsAtLeastTwiceLookback(config);
}

/**
 * Returns whether each retention period is at least twice the lookback of queries (`ingesterLookback`). If not, Loki
 * could delete lines, although the index of a replica still contains the lines.
 */
export const areRetentionsAtLeastTwiceLookback = ({
  retention,
  streamRetention,
  maxLineAge,
}: LinePeriods): boolean =>
  [retention, ...streamRetention.map(({ period }) => period)].every(
    (kept) => toSeconds(kept) >= 2 * toSeconds(ingesterLookback(maxLineAge)),
  );
