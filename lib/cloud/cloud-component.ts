import type { Construct } from 'constructs';
import type { BasicAuthIngress } from '../access/basic-auth-ingress';
import type { BasicAuthIngressProps } from '../access/basic-auth-ingress-options';
import type { Transport } from '../contracts/metrics-sink';
import type { ScrapeTarget } from '../contracts/scrape-target';
import type { RuleOptions } from '../core/rule-set';
import type { LokiStack } from './loki';
import type { Prometheus } from './prometheus';
import type { SizedComponent } from './sized-component';

/** Options of an ingress that differ from host to host. */
export type HostOptions = Pick<
  BasicAuthIngressProps,
  'usersSecretName' | 'credentialsSecretName' | 'rateLimit' | 'groups'
>;

/**
 * Context in which a component of the cloud side is created; of the other components, those that the list has before it are
 * there.
 *
 * @typeParam S settings of the environment that concern it
 */
export interface CloudSide<S = object> {
  readonly settings: S;
  /** How metrics of nodes travel, that of nodes in no group first. */
  readonly transports: readonly Transport[];
  /** Whether business services have a Pushgateway; otherwise the gateway takes their pushes. */
  readonly hasServicesPushgateway: boolean;
  /** Labels of nodes by which groups of edge nodes are told apart. */
  readonly nodeLabels: readonly string[];
  /** Changes of alerts, by what evaluates them. */
  readonly ruleOptions: { readonly prometheus: RuleOptions; readonly loki: RuleOptions };
  /** What reads and stores metrics. */
  readonly prometheus: Prometheus;
  /** Where log lines go. */
  readonly loki: LokiStack;
  /** The public host that metrics are pushed to. */
  readonly pushIngress: BasicAuthIngress;
  /** A public host. */
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
   * Makes what the environment has of it; the chart then connects that.
   *
   * @param sizes what the fleet needs, which settings go before; undefined without `fleet`
   */
  make?(scope: Construct, cloud: CloudSide<S>, sizes: Partial<Z>): readonly ScrapeTarget[];
}
