import { Construct } from 'constructs';
import type { InhibitingAlertSink } from '../../contracts/alert-sink';
import type { DashboardServer } from '../../contracts/dashboards';
import type { GrafanaDataSource } from '../../contracts/data-source';
import { REMOTE_WRITE_PATH } from '../../contracts/metrics-sink';
import type { MetricsStore } from '../../contracts/metrics-store';
import type { NetworkServer } from '../../contracts/network';
import type { RuleSource } from '../../contracts/rules';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { ConfigFiles } from '../../core/config-files';
import { Identity } from '../../core/labels';
import { createApiObject } from '../../core/objects';
import { withFixedDefaults } from '../../core/option-table';
import { Platform } from '../../core/platform';
import { registerRequiredPrometheusObject } from '../../core/required-prometheus';
import type { RuleOptions } from '../../core/rule-set';
import { toSeconds } from '../../core/units';
import { optionError } from '../../core/validation';
import { yaml } from '../../core/yaml';
import { validateAndConvertInhibitionRules } from '../alertmanager';
import { MAX_AHEAD_SECONDS, RuleResources } from '../prometheus';
import { ScrapedTargets } from '../scraped-targets';
import { createScrapeTokenAndGrantDiscovery } from './access';
import { SidecarGrafana } from './grafana';
import { scrapeJobsWithScrapeConfigNames } from './monitors';
import { type OperatorManagedPods, operatorManagedPods } from './operated';
import { OPERATED_GRAFANA, type PrometheusOperatorSettings } from './options';
import { alertRulesAboutOperatorPrometheus } from './rules';
import { restrictRulesToClusterAndSetInterval } from './scoped-rules';
import { type TokenSecret, toScrapeConfigSpec } from './scrape-config';

/** Name of the objects that do not belong to a single scrape job or rule group, such as the service account. */
const NAME = 'metrics-store';

/** Name of the ConfigMap with the Helm values that kube-prometheus-stack needs. */
const VALUES_CONFIG_MAP = `${NAME}-values`;

/** Properties for `OperatedPrometheusStore`. */
interface OperatedPrometheusStoreProps extends PrometheusOperatorSettings {
  readonly ruleOptions: RuleOptions;
}

/**
 * A Prometheus that a Prometheus Operator runs. Scrape targets become ScrapeConfigs, rules become
 * PrometheusRules, and dashboards become ConfigMaps for the Grafana of the same installation.
 */
export class OperatedPrometheusStore extends Construct implements MetricsStore, ScrapeTarget {
  readonly component = 'prometheus';
  readonly encoding = 'snappy';
  readonly outOfOrderSeconds: number;
  readonly writeUrls: readonly string[];
  readonly writeServer: NetworkServer;
  readonly queryServer: NetworkServer;
  readonly dataSource: GrafanaDataSource;
  readonly serviceAccount: MetricsStore['serviceAccount'];
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[] = [];
  readonly grafana: DashboardServer;
  readonly alertmanager: InhibitingAlertSink;
  private readonly namespace: string;
  private readonly prometheus: OperatorManagedPods;
  private readonly token: TokenSecret;
  private readonly rules: RuleResources;
  private readonly targets = new ScrapedTargets(this);
  private readonly inhibitions: object[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: OperatedPrometheusStoreProps,
  ) {
    super(scope, id);
    const { labels, ruleOptions, outOfOrderWindow, namespace } = props;
    const grafana = withFixedDefaults(OPERATED_GRAFANA, props.grafana);
    this.namespace = Platform.of(this).namespaceOf(this, 'cloud');
    this.requireSeparateNamespace();
    this.prometheus = operatorManagedPods('prometheus', props);
    const { name, addresses, peer, port } = this.prometheus;
    const server = { peer, port, admit: () => {} };
    this.writeServer = server;
    this.queryServer = server;
    this.writeUrls = addresses.map((address) => `http://${address}${REMOTE_WRITE_PATH}`);
    this.outOfOrderSeconds = toSeconds(outOfOrderWindow);
    this.serviceAccount = { name: props.prometheus.serviceAccountName ?? name, namespace };
    this.dataSource = {
      name: 'Prometheus',
      uid: grafana.metricsUid,
      type: 'prometheus',
      url: `http://prometheus-operated.${namespace}.svc:${port}`,
    };
    this.scrapeConfigs = [{ job_name: 'prometheus', static_configs: [{ targets: addresses }] }];
    this.token = createScrapeTokenAndGrantDiscovery(this, {
      name: NAME,
      namespace: this.namespace,
      prometheus: this.serviceAccount,
    });
    this.rules = new RuleResources(this, 'rules', { ...ruleOptions, namespace: this.namespace, labels });
    this.grafana = new SidecarGrafana(this, 'grafana', {
      ...grafana,
      namespace: grafana.namespace ?? namespace,
      ownNamespace: this.namespace,
      runbooks: ruleOptions.runbooks,
    });
    this.alertmanager = this.createAlertmanagerSink();
    this.createHelmValuesConfigMap();
    this.addTarget(this);
    this.addRules(alertRulesAboutOperatorPrometheus());
  }

  /**
   * Throws if Prometheus runs in a namespace of this stack, unless `sharedNamespaces` is set. The network
   * policies of this stack would deny the traffic of all other pods in this namespace.
   */
  private requireSeparateNamespace(): void {
    const { namespaces, sharedNamespaces } = Platform.of(this);
    const { namespace } = this.props;
    if (sharedNamespaces || !Object.values(namespaces).includes(namespace)) return;
    throw optionError(
      this,
      `prometheusOperator.namespace is ${JSON.stringify(namespace)}, which is also a namespace of this stack: change settings.namespaces, or set sharedNamespaces to true; otherwise network policies would deny the traffic of other pods in this namespace`,
    );
  }

  addTarget(target: ScrapeTarget): void {
    this.targets.addTarget(target);
    for (const server of target.scrapeServers) server.admit(this.prometheus.peer);
    const { scrapeInterval, labels } = this.props;
    const monitors = scrapeJobsWithScrapeConfigNames(target, {
      cluster: Platform.of(this).cluster,
      pods: this.prometheus.pods,
      scrapeInterval,
    });
    for (const { name, job } of monitors) {
      if (this.node.tryFindChild(name)) {
        throw optionError(
          this,
          `two scrape jobs would have the same ScrapeConfig name ${name}: rename the job ${JSON.stringify(job.job_name)}`,
        );
      }
      const spec = toScrapeConfigSpec(job, this.token, (field) => this.unsupportedFieldError(job, field));
      createApiObject(this, name, {
        apiVersion: 'monitoring.coreos.com/v1alpha1',
        kind: 'ScrapeConfig',
        metadata: { name, namespace: this.namespace, labels: new Identity(NAME, undefined, labels).labels },
        spec,
      });
    }
  }

  addRules(source: RuleSource): void {
    this.rules.addRules(
      restrictRulesToClusterAndSetInterval(Platform.of(this).cluster, this.props.scrapeInterval, source),
    );
  }

  /** @throws InvalidOptionError always, because the Prometheus object configures the Alertmanagers. */
  addAlertSink(): void {
    throw optionError(
      this,
      `addAlertSink has no effect with a Prometheus Operator: add the Alertmanager to spec.alerting of the Prometheus object ${this.prometheus.name}`,
    );
  }

  private unsupportedFieldError({ job_name }: ScrapeConfig, field: string): Error {
    return optionError(
      this,
      `the scrape job ${JSON.stringify(job_name)} has a value of ${field} that cannot be converted into a ScrapeConfig: remove ${field}, or create the ScrapeConfig yourself`,
    );
  }

  private createAlertmanagerSink(): InhibitingAlertSink {
    const { addresses, peer, port } = operatorManagedPods('alertmanager', this.props);
    return {
      alertmanagers: addresses,
      alertServer: { peer, port, admit: () => {} },
      addInhibitions: (source) =>
        void this.inhibitions.push(...validateAndConvertInhibitionRules(this, source)),
    };
  }

  /**
   * Creates a ConfigMap with the Helm values that kube-prometheus-stack needs for this stack. You copy the
   * values to your Helm release; no pod mounts the ConfigMap.
   */
  private createHelmValuesConfigMap(): void {
    const { prometheus, namespace: ownNamespace, outOfOrderSeconds } = this;
    const { labels } = this.props;
    const window = outOfOrderSeconds + MAX_AHEAD_SECONDS;
    registerRequiredPrometheusObject(this, {
      name: prometheus.name,
      namespace: prometheus.namespace,
      replicas: prometheus.pods.length,
      outOfOrderSeconds: window,
      labels,
      ownNamespace,
      valuesName: VALUES_CONFIG_MAP,
    });
    new ConfigFiles(this, 'values', {
      name: VALUES_CONFIG_MAP,
      namespace: ownNamespace,
      identity: new Identity(NAME),
      files: () => ({
        'values.yaml': yaml({
          prometheus: {
            prometheusSpec: {
              enableRemoteWriteReceiver: true,
              replicas: prometheus.pods.length,
              tsdb: { outOfOrderTimeWindow: `${window}s` },
            },
          },
          alertmanager: { config: { inhibit_rules: this.inhibitions } },
        }),
      }),
    });
  }
}
