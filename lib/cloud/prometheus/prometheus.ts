import { Construct } from 'constructs';
import type { AlertSink } from '../../contracts/alert-sink';
import type { GrafanaDataSource } from '../../contracts/data-source';
import { REMOTE_WRITE_PATH } from '../../contracts/metrics-sink';
import type { MetricsStore } from '../../contracts/metrics-store';
import type { NetworkServer } from '../../contracts/network';
import type { RuleSource } from '../../contracts/rules';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { CloudWorkload } from '../../core/cloud-workload';
import type { Files } from '../../core/config-files';
import { alertSink } from '../../core/contract-rules';
import { validateAndApplyDefaults } from '../../core/option-table';
import { Platform } from '../../core/platform';
import { envFromField } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { validateRuleRangesWithinRetention } from '../../core/rule-ranges';
import { RuleSet } from '../../core/rule-set';
import { toSeconds } from '../../core/units';
import { validateOptions } from '../../core/validation';
import { discoveryPermissions } from '../discovery-permissions';
import { ScrapedTargets } from '../scraped-targets';
import { renderPrometheusConfig } from './config';
import {
  PROMETHEUS_OPTIONS,
  type PrometheusOptions,
  type PrometheusProps,
  requireOutOfOrderWindowWithinRetention,
  requireRetentionSizeBelowVolume,
  retentionSizeFlagValue,
} from './options';
import { alertRulesAboutPrometheus } from './rules';

const PORT = 9090;
const RULES_DIR = '/etc/prometheus-rules';
const POD_NAME = 'POD_NAME';

/**
 * Prometheus, which scrapes targets, stores samples, evaluates rules and answers queries. Add scrape targets
 * with `addTarget`, rules with `addRules`, and Alertmanagers with `addAlertSink`.
 */
export class Prometheus extends Construct implements MetricsStore, ScrapeTarget {
  readonly component = 'prometheus';
  readonly encoding = 'snappy';
  readonly outOfOrderSeconds: number;
  readonly writeUrls: readonly string[];
  readonly writeServer: NetworkServer;
  /** Name of the Kubernetes objects. */
  readonly name: string;
  /** Namespace of the Kubernetes objects. */
  readonly namespace: string;
  readonly serviceAccount: MetricsStore['serviceAccount'];
  readonly dataSource: GrafanaDataSource;
  readonly queryServer: NetworkServer;
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  private readonly workload: CloudWorkload;
  private readonly targets = new ScrapedTargets(this);
  private readonly alertSinks: AlertSink[] = [];
  private readonly rules: RuleSet;
  private readonly options: PrometheusOptions;

  /** @throws InvalidOptionError when an option is invalid. */
  constructor(scope: Construct, id: string, props: PrometheusProps = {}) {
    super(scope, id);
    const options = validateAndApplyDefaults(this, props, PROMETHEUS_OPTIONS);
    this.options = options;
    requireRetentionSizeBelowVolume(this, options);
    requireOutOfOrderWindowWithinRetention(this, options);
    this.rules = new RuleSet(this, 'PromQL', options.rules);
    this.node.addValidation({ validate: () => this.rules.problemsOfOverridesOfUnknownAlerts() });
    this.workload = this.createWorkload();
    this.name = this.workload.name;
    this.namespace = this.workload.namespace;
    this.serviceAccount = { name: this.name, namespace: this.namespace };
    this.queryServer = this.workload.serverForNetworkPolicies('http');
    this.scrapeServers = [this.queryServer];
    this.writeServer = this.queryServer;
    const addresses = this.listReplicaAddresses();
    this.writeUrls = addresses.map((address) => `http://${address}${REMOTE_WRITE_PATH}`);
    this.outOfOrderSeconds = toSeconds(options.outOfOrderWindow);
    this.scrapeConfigs = [{ job_name: this.name, static_configs: [{ targets: addresses }] }];
    this.dataSource = {
      name: 'Prometheus',
      uid: 'prometheus',
      type: 'prometheus',
      url: `http://${this.workload.serviceAddress('http')}`,
      isDefault: true,
      jsonData: { httpMethod: 'POST', timeInterval: options.scrapeInterval },
    };
    this.addTarget(this);
    this.addRules(alertRulesAboutPrometheus({ job: this.name, replicas: options.replicas }));
  }

  addTarget(target: ScrapeTarget): void {
    this.targets.addTarget(target);
    for (const server of target.scrapeServers) this.workload.network.allowConnectionTo(server);
  }

  addRules(source: RuleSource): void {
    this.rules.addRules(source);
    validateRuleRangesWithinRetention(this, source, this.options.retention);
  }

  addAlertSink(sink: AlertSink): void {
    validateOptions(this, { sink: [sink ?? null, alertSink] });
    this.alertSinks.push(sink);
    this.workload.network.allowConnectionTo(sink.alertServer);
  }

  /**
   * Returns the address (`host:port`) of each replica. If there is only one replica, returns the address of
   * the Service.
   */
  private listReplicaAddresses(): readonly string[] {
    const { workload } = this;
    return workload.replicas > 1 ? workload.replicaAddresses('http') : [workload.serviceAddress('http')];
  }

  private createWorkload(): CloudWorkload {
    const { options } = this;
    const isReplicated = options.replicas > 1;
    return new CloudWorkload(this, 'Default', {
      name: options.name,
      namespace: options.namespace,
      image: 'prometheus',
      uid: 65_534,
      replicas: options.replicas,
      serviceForEachReplica: isReplicated,
      spreadOverZones: isReplicated,
      // A dashboard that queries both replicas in turn would show the gaps of each replica intermittently.
      clientAffinity: isReplicated,
      ports: { http: PORT },
      permissions: discoveryPermissions,
      storage: { size: options.storage, mountPath: '/prometheus' },
      config: [
        {
          name: 'config',
          mountPath: '/etc/prometheus',
          files: () => this.renderConfigFiles(),
        },
        { name: 'rules', mountPath: RULES_DIR, files: () => this.rules.renderFiles() },
      ],
      // Prometheus needs this time to write its open block to disk before it stops.
      terminationGracePeriodSeconds: 300,
      container: {
        args: [
          `--config.file=/etc/prometheus/${isReplicated ? `$(${POD_NAME})` : 'prometheus'}.yaml`,
          // The path is a subfolder of the volume, because a new file system contains the folder lost+found.
          '--storage.tsdb.path=/prometheus/data',
          `--storage.tsdb.retention.time=${options.retention}`,
          `--storage.tsdb.retention.size=${retentionSizeFlagValue(options)}`,
          '--web.enable-remote-write-receiver',
          `--web.listen-address=:${PORT}`,
          ...(options.logLevel ? [`--log.level=${options.logLevel}`] : []),
        ],
        env: isReplicated ? [envFromField(POD_NAME, 'metadata.name')] : undefined,
        resources: options.resources,
        // After a crash, the WAL replay takes minutes.
        ...httpProbes({ ready: '/-/ready', live: '/-/healthy', startSeconds: 1_200 }),
      },
    });
  }

  /**
   * Returns the configuration file, named `prometheus.yaml`. With several replicas, returns a file for each
   * replica, named after its pod, such as `prometheus-0.yaml`.
   */
  private renderConfigFiles(): Files {
    const { name, replicas } = this.workload;
    if (replicas === 1) return { 'prometheus.yaml': this.renderReplicaConfig(0) };
    const pods = Array.from({ length: replicas }, (_, ordinal) => `${name}-${ordinal}`);
    return Object.fromEntries(
      pods.map((pod, ordinal) => [`${pod}.yaml`, this.renderReplicaConfig(ordinal, pod)]),
    );
  }

  private renderReplicaConfig(ordinal: number, replica?: string): string {
    const { cluster } = Platform.of(this);
    return renderPrometheusConfig({
      cluster,
      replica,
      scrapeInterval: this.options.scrapeInterval,
      outOfOrderSeconds: this.outOfOrderSeconds,
      rulesDirectory: RULES_DIR,
      alertSinks: this.alertSinks,
      jobs: this.targets.listScrapeJobs(cluster, ordinal),
    });
  }
}
