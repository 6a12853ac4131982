import type { Construct } from 'constructs';
import type { BasicAuthIngress } from '../access/basic-auth-ingress';
import type { BasicAuthIngressProps } from '../access/basic-auth-ingress-options';
import type { Transport } from '../contracts/metrics-sink';
import type { MetricsStore } from '../contracts/metrics-store';
import type { ScrapeTarget } from '../contracts/scrape-target';
import type { RuleOptions } from '../core/rule-set';
import type { LokiStack } from './loki';
import type { SizedComponent } from './sized-component';

/** Options of an ingress that are specific to a host. */
export type HostOptions = Pick<
  BasicAuthIngressProps,
  'usersSecretName' | 'credentialsSecretName' | 'rateLimit' | 'groups' | 'authentication'
>;

/**
 * The cloud side of an environment, which a component is created in. It provides the components that come
 * earlier in the list.
 * @typeParam S the settings of the environment that the component uses
 */
export interface CloudSide<S = object> {
  readonly settings: S;
  /** Transports of edge metrics, starting with that of nodes without a group. */
  readonly transports: readonly Transport[];
  /**
   * Whether business services have a Pushgateway of their own; otherwise they push to the metrics gateway.
   */
  readonly hasServicesPushgateway: boolean;
  /** Node labels that define the groups of edge nodes. */
  readonly nodeLabels: readonly string[];
  /** Overrides of alerts, by the server that evaluates them. */
  readonly ruleOptions: { readonly prometheus: RuleOptions; readonly loki: RuleOptions };
  /** The store that scrapes and keeps metrics. */
  readonly metricsStore: MetricsStore;
  /** The Loki that stores logs. */
  readonly loki: LokiStack;
  /** The ingress of the public host for metrics. */
  readonly pushIngress: BasicAuthIngress;
  /** Returns the ingress of a public host. */
  ingress(name: string, host: string, options: HostOptions): BasicAuthIngress;
}

/** A component of the cloud side. */
export interface CloudComponent<
  T extends object = object,
  E = object,
  P extends object = object,
  Z extends object = object,
  S = object,
> extends SizedComponent<T, E, P, Z> {
  /**
   * Returns an error for each combination of its settings that is not allowed or has no effect. Each setting
   * is valid on its own.
   */
  settingsProblems?(cloud: Pick<CloudSide<S>, 'settings' | 'transports'>): readonly string[];
  /**
   * Creates the component in an environment; the chart then connects the returned targets to Prometheus.
   * @param sizes what the fleet needs, which settings override; undefined without `fleet`
   */
  make?(scope: Construct, cloud: CloudSide<S>, sizes: Partial<Z>): readonly ScrapeTarget[];
}
