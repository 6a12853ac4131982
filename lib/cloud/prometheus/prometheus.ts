import { Construct } from 'constructs';
import type { AlertSink } from '../../contracts/alert-sink';
import type { DataSource, GrafanaDataSource } from '../../contracts/data-source';
import { REMOTE_WRITE_PATH } from '../../contracts/metrics-sink';
import type { NetworkServer } from '../../contracts/network';
import type { RemoteWriteStore } from '../../contracts/remote-write-store';
import type { RuleSource } from '../../contracts/rules';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { storedOptions } from '../../core/cloud-rules';
import { CloudWorkload } from '../../core/cloud-workload';
import { alertSink } from '../../core/contract-rules';
import type { k8s } from '../../core/k8s';
import { duration, interval, oneOf, quantity } from '../../core/option-rules';
import { type Options, type OptionTable, optionsOf } from '../../core/option-table';
import { Platform } from '../../core/platform';
import type { Resources } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { type RuleOptions, RuleSet, ruleOptions } from '../../core/rule-set';
import { scrapeable } from '../../core/scrape-rules';
import { bytes, type Duration, type Quantity, seconds } from '../../core/units';
import { invalid, verify } from '../../core/validation';
import { prometheusConfig } from './config';
import { prometheusRules } from './rules';

/** Properties for `Prometheus`. */
export interface PrometheusProps {
  /** Name of the objects and of the scrape job. @default "prometheus" */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /** Retention period of samples. @default "15d" */
  readonly retention?: Duration;
  /** Maximum size of the stored samples. @default - 80 % of the volume */
  readonly retentionSize?: Quantity;
  /** Size of the volume. @default "20Gi" */
  readonly storage?: Quantity;
  /** Default scrape interval, and evaluation interval of rules. @default "30s" */
  readonly scrapeInterval?: Duration;
  /**
   * How late a sample may arrive, at least as long as the longest outage without loss. Samples that are older
   * are rejected.
   * @default "2h"
   */
  readonly outOfOrderWindow?: Duration;
  /** Minimum severity of Prometheus's own log messages. @default - "info", Prometheus's default */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
  /** Base URL of runbooks, and overrides of alerts. @default - no overrides */
  readonly rules?: RuleOptions;
  /** @default - requests: 200m CPU, 1Gi memory; limit: 6Gi memory */
  readonly resources?: Resources;
}

/** The options of `Prometheus`. */
export const PROMETHEUS_OPTIONS = {
  ...storedOptions('prometheus', '20Gi', { cpu: '200m', memory: '1Gi', memoryLimit: '6Gi' }),
  retention: { rule: duration, default: '15d' },
  retentionSize: { rule: quantity, default: undefined },
  scrapeInterval: { rule: interval, default: '30s' },
  outOfOrderWindow: { rule: duration, default: '2h' },
  logLevel: { rule: oneOf('debug', 'info', 'warn', 'error'), default: undefined },
  rules: { rule: ruleOptions, default: undefined },
} satisfies OptionTable<PrometheusProps>;

type PrometheusOptions = Options<PrometheusProps, typeof PROMETHEUS_OPTIONS>;

const PORT = 9090;
const RULES_DIR = '/etc/prometheus-rules';

/** RBAC rules for service discovery and for scraping kubelets and API servers. */
const PERMISSIONS: k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
  { nonResourceUrLs: ['/metrics'], verbs: ['get'] },
];

/**
 * Prometheus: scrapes and stores metrics, evaluates rules and serves queries. Add targets, rules and
 * Alertmanagers to it.
 */
export class Prometheus extends Construct implements DataSource, RemoteWriteStore, ScrapeTarget {
  readonly component = 'prometheus';
  readonly encoding = 'snappy';
  readonly outOfOrderSeconds: number;
  readonly writeUrl: string;
  readonly writeServer: NetworkServer;
  /** Name of the objects. */
  readonly name: string;
  /** Namespace of the objects. */
  readonly namespace: string;
  readonly dataSource: GrafanaDataSource;
  readonly queryServer: NetworkServer;
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  private readonly workload: CloudWorkload;
  private readonly jobs: ScrapeConfig[] = [];
  private readonly alertSinks: AlertSink[] = [];
  private readonly rules: RuleSet;
  private readonly options: PrometheusOptions;

  /** @throws InvalidOptionError when an option is invalid. */
  constructor(scope: Construct, id: string, props: PrometheusProps = {}) {
    super(scope, id);
    const options = optionsOf(this, props, PROMETHEUS_OPTIONS);
    this.options = options;
    refuseOverflow(this, options);
    this.rules = new RuleSet(this, 'PromQL', options.rules);
    this.node.addValidation({ validate: () => this.rules.unknownOverrides() });
    this.workload = this.makeWorkload();
    this.name = this.workload.name;
    this.namespace = this.workload.namespace;
    this.queryServer = this.workload.server('http');
    this.scrapeServers = [this.queryServer];
    this.writeServer = this.queryServer;
    this.writeUrl = `http://${this.workload.address('http')}${REMOTE_WRITE_PATH}`;
    this.outOfOrderSeconds = seconds(options.outOfOrderWindow);
    this.scrapeConfigs = [
      { job_name: this.name, static_configs: [{ targets: [this.workload.address('http')] }] },
    ];
    this.dataSource = {
      name: 'Prometheus',
      uid: 'prometheus',
      type: 'prometheus',
      url: `http://${this.workload.address('http')}`,
      isDefault: true,
      jsonData: { httpMethod: 'POST', timeInterval: options.scrapeInterval },
    };
    this.addTarget(this);
    this.addRules(prometheusRules({ job: this.name }));
  }

  /**
   * Adds the scrape jobs of a target.
   * @throws InvalidOptionError when a job is invalid, or its name is a duplicate.
   */
  addTarget(target: ScrapeTarget): void {
    verify(this, { target: [target ?? null, scrapeable] });
    for (const job of target.scrapeConfigs) {
      if (this.jobs.some(({ job_name }) => job_name === job.job_name)) {
        throw invalid(
          this,
          `the scrape job ${JSON.stringify(job.job_name)} is there already: rename one of them`,
        );
      }
      this.jobs.push(job);
    }
    for (const server of target.scrapeServers) this.workload.network.connect(server);
  }

  /**
   * Adds rules.
   * @throws InvalidOptionError that names the rule and its group, for an invalid PromQL expression, a
   * duplicate name or a missing runbook.
   */
  addRules(source: RuleSource): void {
    this.rules.add(source);
  }

  /**
   * Sends alerts to Alertmanagers.
   * @throws InvalidOptionError when the sink is invalid.
   */
  addAlertSink(sink: AlertSink): void {
    verify(this, { sink: [sink ?? null, alertSink] });
    this.alertSinks.push(sink);
    this.workload.network.connect(sink.alertServer);
  }

  private makeWorkload(): CloudWorkload {
    const { options } = this;
    return new CloudWorkload(this, 'Default', {
      name: options.name,
      namespace: options.namespace,
      image: 'prometheus',
      uid: 65_534,
      ports: { http: PORT },
      permissions: PERMISSIONS,
      storage: { size: options.storage, mountPath: '/prometheus' },
      config: [
        {
          name: 'config',
          mountPath: '/etc/prometheus',
          files: () => ({
            'prometheus.yaml': prometheusConfig({
              cluster: Platform.of(this).cluster,
              scrapeInterval: options.scrapeInterval,
              outOfOrderSeconds: this.outOfOrderSeconds,
              rulesDirectory: RULES_DIR,
              alertSinks: this.alertSinks,
              jobs: this.jobs,
            }),
          }),
        },
        { name: 'rules', mountPath: RULES_DIR, files: () => this.rules.files() },
      ],
      // Time to write the head block to disk before it stops.
      terminationGracePeriodSeconds: 300,
      container: {
        args: [
          '--config.file=/etc/prometheus/prometheus.yaml',
          // A subfolder of the volume, since the root of a new file system contains lost+found.
          '--storage.tsdb.path=/prometheus/data',
          `--storage.tsdb.retention.time=${options.retention}`,
          `--storage.tsdb.retention.size=${retentionSize(options)}`,
          '--web.enable-remote-write-receiver',
          `--web.listen-address=:${PORT}`,
          ...(options.logLevel ? [`--log.level=${options.logLevel}`] : []),
        ],
        resources: options.resources,
        // Replaying the WAL after a crash takes minutes.
        ...httpProbes({ ready: '/-/ready', live: '/-/healthy', startSeconds: 1_200 }),
      },
    });
  }
}

/**
 * Refuses a retention size that does not fit into the volume, which Prometheus would fill before it deletes
 * anything.
 */
function refuseOverflow(scope: Construct, { storage, retentionSize }: PrometheusOptions): void {
  if (retentionSize === undefined || bytes(retentionSize) < bytes(storage)) return;
  throw invalid(
    scope,
    `retentionSize is ${retentionSize}, and storage ${storage}; allowed: less than the volume holds`,
  );
}

/** Returns the retention size in Prometheus's units, which are powers of two. */
function retentionSize({ storage, retentionSize: stated }: PrometheusOptions): string {
  const size = stated ? bytes(stated) : bytes(storage) * 0.8;
  return `${Math.floor(size / 2 ** 20)}MB`;
}
