import { resources } from '../../core/kubernetes-rules';
import { interval } from '../../core/option-rules';
import { type Options, type OptionTable, pickOptions } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import type { Duration } from '../../core/units';
import { EXTERNAL_STORE_OPTIONS, type ExternalStoreProps } from '../metrics-gateway';

/** Properties for `remoteStore`: the address at which the store is queried. */
export interface StoreQueryProps
  extends Pick<ExternalStoreProps, 'credentialsSecretName' | 'privateCa' | 'headers' | 'peer'> {
  /**
   * Address of Prometheus's HTTP API, without `/api/v1/query`: `https://mimir.example.com/prometheus`, Thanos Query's own, VictoriaMetrics'
   * `/select/0/prometheus`. Without credentials.
   */
  readonly url: string;
}

/** Options of the vmagent and the two vmalert of a store. */
export interface EvaluationOptions {
  /** Default scrape interval, and evaluation interval of rules. @default "30s" */
  readonly scrapeInterval?: Duration;
  /** Resources of the vmagent. @default - requests: 100m CPU, 128Mi memory; limit: 512Mi memory; or what `edge.fleet` needs */
  readonly scraperResources?: Resources;
  /** Resources of each vmalert. @default - requests: 100m CPU, 128Mi memory; limit: 512Mi memory; or what `edge.fleet` needs */
  readonly rulesResources?: Resources;
}

/** Default resources of the vmagent and of each vmalert. */
export const SMALL: Resources = { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' };

/** The options of `query`. */
export const STORE_QUERY_OPTIONS = pickOptions(EXTERNAL_STORE_OPTIONS, [
  'url',
  'credentialsSecretName',
  'privateCa',
  'headers',
  'peer',
]) satisfies OptionTable<StoreQueryProps>;

/** Options of the vmagent and the two vmalert. The defaults follow from the fleet. */
export const EVALUATION_OPTIONS = {
  scrapeInterval: { rule: interval, default: '30s' },
  scraperResources: { rule: resources, default: undefined },
  rulesResources: { rule: resources, default: undefined },
} satisfies OptionTable<EvaluationOptions>;

/** `EvaluationOptions` with defaults. */
export type EvaluationSettings = Options<EvaluationOptions, typeof EVALUATION_OPTIONS>;
