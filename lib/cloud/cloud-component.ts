import type { Construct } from 'constructs';
import type { BasicAuthIngress } from '../access/basic-auth-ingress';
import type { BasicAuthIngressProps } from '../access/basic-auth-ingress-options';
import type { Transport } from '../contracts/metrics-sink';
import type { MetricsStore } from '../contracts/metrics-store';
import type { ScrapeTarget } from '../contracts/scrape-target';
import type { RuleOptions } from '../core/rule-set';
import type { LokiStack } from './loki';
import type { SizedComponent } from './sized-component';

/** Options of a `BasicAuthIngress` that differ between the public hosts. */
export type HostOptions = Pick<
  BasicAuthIngressProps,
  'usersSecretName' | 'credentialsSecretName' | 'rateLimit' | 'groups' | 'authentication'
>;

/**
 * The cloud side of an environment, which each cloud component receives: the settings, and the constructs that
 * were created before the component.
 * @typeParam S the settings that the component uses
 */
export interface CloudSide<S = object> {
  readonly settings: S;
  /** Transports by which edge nodes send metrics. The first is the transport of nodes without a group. */
  readonly transports: readonly Transport[];
  /**
   * Whether there is a separate Pushgateway for business services. If not, business services push to the
   * metrics gateway.
   */
  readonly hasPushgatewayForServices: boolean;
  /** Keys of the Kubernetes node labels that define the groups of edge nodes. */
  readonly nodeLabels: readonly string[];
  /**
   * Base URL of runbooks, and overrides of alerts, separately for PromQL alerts (`prometheus`) and LogQL alerts (`loki`).
   */
  readonly ruleOptions: { readonly prometheus: RuleOptions; readonly loki: RuleOptions };
  /** The store that scrapes targets and stores metrics. */
  readonly metricsStore: MetricsStore;
  /** The Loki that stores logs. */
  readonly loki: LokiStack;
  /** The ingress of the public host for metrics. */
  readonly pushIngress: BasicAuthIngress;
  /** Creates the ingress of a public host. */
  ingress(name: string, host: string, options: HostOptions): BasicAuthIngress;
}

/**
 * A component of the cloud cluster: its settings, rules, sizes, and a function that creates its constructs.
 */
export interface CloudComponent<
  T extends object = object,
  E = object,
  P extends object = object,
  Z extends object = object,
  S = object,
> extends SizedComponent<T, E, P, Z> {
  /**
   * Returns an error message for each combination of settings that is not allowed or has no effect. Each single
   * setting was validated before.
   */
  settingsProblems?(cloud: Pick<CloudSide<S>, 'settings' | 'transports'>): readonly string[];
  /**
   * Creates the constructs of the component. Returns the component's scrape targets, which the chart then adds to
   * the metrics store.
   * @param sizes sizes computed for the fleet; an empty object if the setting `edge.fleet` is not set. Sizes in the
   * settings take precedence.
   */
  make?(scope: Construct, cloud: CloudSide<S>, sizes: Partial<Z>): readonly ScrapeTarget[];
}
