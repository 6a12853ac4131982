import { Construct } from 'constructs';
import type { AlertSink } from '../../contracts/alert-sink';
import type { GrafanaDataSource } from '../../contracts/data-source';
import type { PrivateCa } from '../../contracts/endpoint';
import type { MetricsStore } from '../../contracts/metrics-store';
import type { NetworkServer } from '../../contracts/network';
import type { RemoteWriteStore } from '../../contracts/remote-write-store';
import type { RuleSource } from '../../contracts/rules';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import type { CloudWorkload } from '../../core/cloud-workload';
import { ConfigFiles } from '../../core/config-files';
import { alertSink } from '../../core/contract-rules';
import { Identity } from '../../core/labels';
import { validateRuleRangesWithinRetention } from '../../core/rule-ranges';
import { type RuleOptions, RuleSet } from '../../core/rule-set';
import type { Duration, Quantity } from '../../core/units';
import { validateOptions } from '../../core/validation';
import type { ExternalStoreProps } from '../metrics-gateway';
import { scrapeJobForPods } from '../scraped-pods';
import { ScrapedTargets } from '../scraped-targets';
import { type EvaluationSettings, SMALL_RESOURCES, type StoreQueryProps } from './options';
import { createRuleEvaluatorWorkload, EVALUATOR } from './rule-evaluator';
import { alertRulesAboutScraperAndRuleEvaluator, ruleGroupWithWatchdogAndTargetDown } from './rules';
import { createScraperWorkload } from './scraper';
import type { EvaluationSizes } from './sizing';

/** Properties for `EvaluatedStore`. */
interface EvaluatedStoreProps extends EvaluationSettings {
  /** URL, credentials and headers with which the vmagent and the vmalerts write samples to the store. */
  readonly write: ExternalStoreProps;
  /** The properties in `write`, converted to the format for the metrics gateway. */
  readonly store: RemoteWriteStore;
  /** URL, credentials and headers with which Grafana and the vmalerts query the store. */
  readonly query: StoreQueryProps;
  readonly queryServer: NetworkServer;
  /** Evaluator of rules: two vmalerts, or the store's own ruler (`elsewhere`). */
  readonly rules: 'vmalert' | 'elsewhere';
  /** Size of the volume for the vmagent's queue. */
  readonly storage: Quantity;
  /** Retention period. A rule that queries a longer time range is an error. @default - time ranges are not checked */
  readonly retention?: Duration;
  /** Resources of the vmagent and of each vmalert, computed for the fleet. */
  readonly sizes?: EvaluationSizes['evaluation'];
  readonly ruleOptions: RuleOptions;
}

/**
 * A metrics store that does not scrape targets. A vmagent scrapes the targets in the cloud and writes their samples to
 * the store. Two vmalerts evaluate the rules, unless the store's own ruler evaluates them (`rules: 'elsewhere'`).
 */
export class EvaluatedStore extends Construct implements MetricsStore, ScrapeTarget {
  readonly component = 'metrics-store';
  readonly writeUrls: readonly string[];
  readonly writeServer: NetworkServer;
  readonly encoding: MetricsStore['encoding'];
  readonly outOfOrderSeconds?: number;
  readonly credentialsSecretName?: string;
  readonly privateCa?: PrivateCa;
  readonly headers?: Readonly<Record<string, string>>;
  readonly serviceAccount: MetricsStore['serviceAccount'];
  readonly dataSource: GrafanaDataSource;
  readonly queryServer: NetworkServer;
  readonly queryAccess: MetricsStore['queryAccess'];
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  private readonly scraper: CloudWorkload;
  private readonly evaluator?: CloudWorkload;
  private readonly targets = new ScrapedTargets(this);
  private readonly rules: RuleSet;
  private readonly alertmanagers: string[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EvaluatedStoreProps,
  ) {
    super(scope, id);
    const { store, query, ruleOptions, sizes } = props;
    this.writeUrls = store.writeUrls;
    this.writeServer = store.writeServer;
    this.encoding = store.encoding;
    this.outOfOrderSeconds = store.outOfOrderSeconds;
    this.credentialsSecretName = store.credentialsSecretName;
    this.privateCa = store.privateCa;
    this.headers = store.headers;
    this.queryServer = props.queryServer;
    this.rules = new RuleSet(this, 'PromQL', ruleOptions);
    this.node.addValidation({ validate: () => this.rules.problemsOfOverridesOfUnknownAlerts() });
    this.scraper = createScraperWorkload(
      this,
      { ...props, resources: props.scraperResources ?? sizes?.scraper ?? SMALL_RESOURCES },
      this.targets,
    );
    this.scraper.network.allowConnectionTo(this.writeServer);
    this.evaluator = props.rules === 'vmalert' ? this.createRuleEvaluator() : undefined;
    if (!this.evaluator) this.createRulesConfigMap();
    this.serviceAccount = { name: this.scraper.name, namespace: this.scraper.namespace };
    const own = [this.scraper, ...(this.evaluator ? [this.evaluator] : [])];
    this.scrapeConfigs = own.map((workload) => scrapeJobForPods(workload));
    this.scrapeServers = own.map((workload) => workload.serverForNetworkPolicies('http'));
    this.queryAccess = query;
    this.dataSource = {
      name: 'Metrics',
      uid: 'prometheus',
      type: 'prometheus',
      url: query.url,
      isDefault: true,
      jsonData: { httpMethod: 'POST', timeInterval: props.scrapeInterval },
    };
    this.addTarget(this);
    this.addRules(ruleGroupWithWatchdogAndTargetDown());
    this.addRules(alertRulesAboutScraperAndRuleEvaluator());
  }

  addTarget(target: ScrapeTarget): void {
    this.targets.addTarget(target);
    for (const server of target.scrapeServers) this.scraper.network.allowConnectionTo(server);
  }

  addRules(source: RuleSource): void {
    this.rules.addRules(source);
    validateRuleRangesWithinRetention(this, source, this.props.retention);
  }

  addAlertSink(sink: AlertSink): void {
    validateOptions(this, { sink: [sink ?? null, alertSink] });
    this.alertmanagers.push(...sink.alertmanagers);
    this.evaluator?.network.allowConnectionTo(sink.alertServer);
  }

  /** Creates the two vmalerts, and opens the network policy for connections from the vmalerts to the store. */
  private createRuleEvaluator(): CloudWorkload {
    const { props } = this;
    const workload = createRuleEvaluatorWorkload(
      this,
      { ...props, resources: props.rulesResources ?? props.sizes?.rules ?? SMALL_RESOURCES },
      { files: () => this.rules.renderFiles(), alertmanagers: () => this.alertmanagers },
    );
    workload.network.allowConnectionTo(this.writeServer);
    workload.network.allowConnectionTo(this.queryServer);
    return workload;
  }

  /**
   * Creates the ConfigMap `metrics-rules` with the rules. No pod mounts this ConfigMap: you load the rules from it into
   * the store's own ruler.
   */
  private createRulesConfigMap(): void {
    const { namespace } = this.scraper;
    const identity = new Identity(EVALUATOR);
    new ConfigFiles(this, 'rules', {
      name: EVALUATOR,
      namespace,
      identity,
      files: () => this.rules.renderFiles(),
    });
  }
}
