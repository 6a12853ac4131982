import { resources } from '../../core/kubernetes-rules';
import { interval, oneOf, quantity } from '../../core/option-rules';
import { type Options, type OptionTable, optionsRule, picked } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import type { Duration, Quantity } from '../../core/units';
import { EXTERNAL_STORE_OPTIONS, type ExternalStoreProps } from '../metrics-gateway';

/** Where a store is queried. */
export interface StoreQueryProps
  extends Pick<ExternalStoreProps, 'credentialsSecretName' | 'privateCa' | 'headers' | 'peer'> {
  /**
   * Address of Prometheus's HTTP API, without `/api/v1/query`: `https://mimir.example.com/prometheus`, Thanos Query's own, VictoriaMetrics'
   * `/select/0/prometheus`. Without credentials.
   */
  readonly url: string;
}

/** Options of `remoteStore()`. */
export interface RemoteStoreOptions {
  /** Where samples are written. */
  readonly write: ExternalStoreProps;
  /** Where rules and dashboards find them. */
  readonly query: StoreQueryProps;
  /**
   * What evaluates the rules in PromQL: two vmalert of this stack, which write back what they record and notify Alertmanager; or the store's own ruler,
   * for which the ConfigMap `metrics-rules` holds the files.
   * @default "vmalert"
   */
  readonly rules?: 'vmalert' | 'elsewhere';
  /** How often targets are read that do not say otherwise, and rules are evaluated. @default "30s" */
  readonly scrapeInterval?: Duration;
  /** Volume of the vmagent that reads targets, for what waits while the store is away. @default "2Gi" */
  readonly storage?: Quantity;
  /** Of the vmagent that reads targets. @default - requests: 100m CPU, 128Mi memory; limit: 512Mi memory */
  readonly scraperResources?: Resources;
  /** Of each vmalert. @default - requests: 100m CPU, 128Mi memory; limit: 512Mi memory */
  readonly rulesResources?: Resources;
}

const SMALL: Resources = { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' };

/** The options of `query`. */
export const STORE_QUERY_OPTIONS = picked(EXTERNAL_STORE_OPTIONS, [
  'url',
  'credentialsSecretName',
  'privateCa',
  'headers',
  'peer',
]) satisfies OptionTable<StoreQueryProps>;

/** The options of `remoteStore()`. */
export const REMOTE_STORE_OPTIONS = {
  write: { rule: optionsRule<ExternalStoreProps>(EXTERNAL_STORE_OPTIONS) },
  query: { rule: optionsRule<StoreQueryProps>(STORE_QUERY_OPTIONS) },
  rules: { rule: oneOf('vmalert', 'elsewhere'), default: 'vmalert' },
  scrapeInterval: { rule: interval, default: '30s' },
  storage: { rule: quantity, default: '2Gi' },
  scraperResources: { rule: resources, default: SMALL },
  rulesResources: { rule: resources, default: SMALL },
} satisfies OptionTable<RemoteStoreOptions>;

/** The same, with what counts of those that are left out. */
export type RemoteStoreSettings = Options<RemoteStoreOptions, typeof REMOTE_STORE_OPTIONS>;
