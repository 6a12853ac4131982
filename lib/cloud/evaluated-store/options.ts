import { resources } from '../../core/kubernetes-rules';
import { interval } from '../../core/option-rules';
import { type Options, type OptionTable, pickOptions } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import type { Duration } from '../../core/units';
import { EXTERNAL_STORE_OPTIONS, type ExternalStoreProps } from '../metrics-gateway';

/** Properties for `query`, an option of `remoteStore`: URL of the query API, credentials and headers for queries. */
export interface StoreQueryProps
  extends Pick<ExternalStoreProps, 'credentialsSecretName' | 'privateCa' | 'headers' | 'peer'> {
  /**
   * Base URL of the store's Prometheus HTTP API, without `/api/v1` and without credentials. Examples:
   * `https://mimir.example.com/prometheus` for Mimir, the URL of Thanos Query, or a URL with the path
   * `/select/0/prometheus` for a VictoriaMetrics cluster.
   */
  readonly url: string;
}

/**
 * Options of the vmagent that scrapes targets for a store, and of the two vmalerts that evaluate rules by querying the
 * store.
 */
export interface EvaluationOptions {
  /** Default scrape interval, and evaluation interval of rules. @default "30s" */
  readonly scrapeInterval?: Duration;
  /**
   * Resources of the vmagent.
   * @default - computed from `edge.fleet`; without it, requests: 100m CPU, 128Mi memory; limit: 512Mi memory
   */
  readonly scraperResources?: Resources;
  /**
   * Resources of each vmalert.
   * @default - computed from `edge.fleet`; without it, requests: 100m CPU, 128Mi memory; limit: 512Mi memory
   */
  readonly rulesResources?: Resources;
}

/** Resources of the vmagent and of each vmalert if the setting `edge.fleet` is not set. */
export const SMALL_RESOURCES: Resources = { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' };

/** Validation rules and defaults for the option `query` of `remoteStore`. */
export const STORE_QUERY_OPTIONS = pickOptions(EXTERNAL_STORE_OPTIONS, [
  'url',
  'credentialsSecretName',
  'privateCa',
  'headers',
  'peer',
]) satisfies OptionTable<StoreQueryProps>;

/** Validation rules and defaults of `EvaluationOptions`. The defaults of resources depend on the fleet. */
export const EVALUATION_OPTIONS = {
  scrapeInterval: { rule: interval, default: '30s' },
  scraperResources: { rule: resources, default: undefined },
  rulesResources: { rule: resources, default: undefined },
} satisfies OptionTable<EvaluationOptions>;

/** `EvaluationOptions` with all defaults filled in. */
export type EvaluationSettings = Options<EvaluationOptions, typeof EVALUATION_OPTIONS>;
