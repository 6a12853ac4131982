import { Construct } from 'constructs';
import type { AlertSink } from '../../contracts/alert-sink';
import type { GrafanaDataSource } from '../../contracts/data-source';
import type { PrivateCa } from '../../contracts/endpoint';
import type { MetricsStore } from '../../contracts/metrics-store';
import type { NetworkServer } from '../../contracts/network';
import type { RuleSource } from '../../contracts/rules';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import type { CloudWorkload } from '../../core/cloud-workload';
import { ConfigFiles } from '../../core/config-files';
import { alertSink } from '../../core/contract-rules';
import { Identity } from '../../core/labels';
import { portOf } from '../../core/network-access';
import { Platform } from '../../core/platform';
import { type RuleOptions, RuleSet } from '../../core/rule-set';
import { verify } from '../../core/validation';
import { toRemoteWrite } from '../metrics-gateway';
import { ScrapedTargets } from '../scraped-targets';
import type { RemoteStoreSettings } from './options';
import { EVALUATOR, evaluatorWorkload } from './rule-evaluator';
import { remoteStoreRules, watchRules } from './rules';
import { scraperWorkload } from './scraper';

/** Properties for `RemoteStore`. */
interface RemoteStoreProps extends RemoteStoreSettings {
  readonly ruleOptions: RuleOptions;
}

/** A store that exists: vmagent scrapes targets for it, and vmalert evaluates rules against it. */
export class RemoteStore extends Construct implements MetricsStore, ScrapeTarget {
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

  constructor(scope: Construct, id: string, props: RemoteStoreProps) {
    super(scope, id);
    const { write, query, ruleOptions } = props;
    const store = toRemoteWrite(write);
    this.writeUrls = store.writeUrls;
    this.writeServer = store.writeServer;
    this.encoding = store.encoding;
    this.outOfOrderSeconds = store.outOfOrderSeconds;
    this.credentialsSecretName = store.credentialsSecretName;
    this.privateCa = store.privateCa;
    this.headers = store.headers;
    this.queryServer = {
      peer: query.peer ?? { anywhere: true },
      port: portOf(query.url),
      admit: () => {},
    };
    this.rules = new RuleSet(this, 'PromQL', ruleOptions);
    this.node.addValidation({ validate: () => this.rules.unknownOverrides() });
    this.scraper = scraperWorkload(this, props, this.targets);
    this.scraper.network.connect(this.writeServer);
    this.evaluator = props.rules === 'vmalert' ? this.evaluate(props) : undefined;
    if (!this.evaluator) this.renderRules();
    this.serviceAccount = { name: this.scraper.name, namespace: this.scraper.namespace };
    const own = [this.scraper, ...(this.evaluator ? [this.evaluator] : [])];
    this.scrapeConfigs = own.map(jobOf);
    this.scrapeServers = own.map((workload) => workload.server('http'));
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
    this.addRules(watchRules(Platform.of(this).cluster));
    this.addRules(remoteStoreRules());
  }

  addTarget(target: ScrapeTarget): void {
    this.targets.add(target);
    for (const server of target.scrapeServers) this.scraper.network.connect(server);
  }

  addRules(source: RuleSource): void {
    this.rules.add(source);
  }

  addAlertSink(sink: AlertSink): void {
    verify(this, { sink: [sink ?? null, alertSink] });
    this.alertmanagers.push(...sink.alertmanagers);
    this.evaluator?.network.connect(sink.alertServer);
  }

  private evaluate(props: RemoteStoreProps): CloudWorkload {
    const workload = evaluatorWorkload(this, props, {
      files: () => this.rules.files(),
      alertmanagers: () => this.alertmanagers,
    });
    workload.network.connect(this.writeServer);
    workload.network.connect(this.queryServer);
    return workload;
  }

  /** Renders the rules for the store's own ruler; no pod mounts them. */
  private renderRules(): void {
    const { namespace } = this.scraper;
    const identity = new Identity(EVALUATOR);
    new ConfigFiles(this, 'rules', { name: EVALUATOR, namespace, identity, files: () => this.rules.files() });
  }
}

/** A headless Service has an address for each replica. */
const jobOf = (workload: CloudWorkload): ScrapeConfig => ({
  job_name: workload.name,
  dns_sd_configs: [
    { names: [`${workload.name}.${workload.namespace}.svc`], type: 'A', port: workload.server('http').port },
  ],
});
