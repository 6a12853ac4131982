import { Construct } from 'constructs';
import {
  type NodeAgent,
  type NodeTarget,
  type PushClientOptions,
  REMOTE_WRITE_PATH,
} from '../../contracts/metrics-sink';
import type { Files } from '../../core/config-files';
import type { k8s } from '../../core/k8s';
import { validateAndApplyDefaults, withFixedDefaults } from '../../core/option-table';
import { Platform } from '../../core/platform';
import { hostPathVolume, secretVolume } from '../../core/pods';
import { optionError } from '../../core/validation';
import { type AgentLayout, EdgeAgent, resolveAgentLayoutAndRegisterSecret } from '../agent';
import { ClockGuard } from './clock-guard';
import { pathOfFolderCopyInStateFolder, pathsInStateFolder, TARGETS_DIR, USERS_DIR } from './folders';
import {
  EDGE_SERVICE,
  type EdgeMetricsAgentProps,
  METRICS_AGENT_OPTIONS,
  METRICS_QUEUE,
  type MetricsAgentOptions,
  NODE_TARGET,
} from './options';
import { connectWorkloadToNodeAgent, registerPushUsersSecret } from './push-client';
import { PushListener, renderPushLimitsFile } from './push-listener';
import { METRICS_PUSHES, type ResolvedPushes } from './pushes';
import { QueueKeeper } from './queue-keeper';
import { renderScrapeConfigFiles } from './scrape-files';
import { agentMetricsScrapeJob, pushListenerScrapeJob, scrapeJobNamesOfTarget } from './scrape-jobs';
import { vmagentContainer } from './vmagent';

/**
 * Runs a vmagent on every edge node. vmagent scrapes exporters, services and the kubelet of the node, and sends the
 * samples in batches by remote write. During an outage, a queue on the node's disk stores the samples. If the queue is
 * full, the oldest samples are dropped. Remote write needs a fraction of the bytes of pushes to a Pushgateway.
 */
export class EdgeMetricsAgent extends Construct implements NodeAgent {
  readonly protocol = 'scrape';
  private readonly options: MetricsAgentOptions;
  private readonly layout: AgentLayout;
  private readonly targets: NodeTarget[] = [];
  private readonly pushes?: ResolvedPushes;

  /** @throws InvalidOptionError when an option is invalid, or when another metrics agent runs on the same nodes. */
  constructor(scope: Construct, id: string, props: EdgeMetricsAgentProps) {
    super(scope, id);
    this.options = validateAndApplyDefaults(this, props, METRICS_AGENT_OPTIONS);
    this.layout = resolveAgentLayoutAndRegisterSecret(this, this.options, {
      folder: 'metrics-agent',
      port: 'metricsAgent',
    });
    this.pushes = this.options.pushes && withFixedDefaults(METRICS_PUSHES, this.options.pushes);
    for (const service of this.options.services) {
      this.scrape({ ...withFixedDefaults(EDGE_SERVICE, service), instance: 'node' });
    }
    this.createDaemonSet();
  }

  scrape(target: NodeTarget): void {
    validateAndApplyDefaults(this, target, NODE_TARGET);
    const names = [...this.builtInJobNames(), ...this.targets.flatMap(scrapeJobNamesOfTarget)];
    if (scrapeJobNamesOfTarget(target).some((name) => names.includes(name))) {
      throw optionError(
        this,
        `a scrape job ${JSON.stringify(target.job)} already exists: change the job of one of the targets`,
      );
    }
    this.targets.push(target);
  }

  /**
   * Configures a workload to push its metrics to the agent of the same node. The containers of the workload get the
   * environment variables `PUSHGATEWAY_URL` for Pushgateway clients and `OTEL_EXPORTER_OTLP_METRICS_...` for
   * OpenTelemetry SDKs. Pods that are not on the host's network also get credentials: the variable
   * `PUSHGATEWAY_CREDENTIALS_DIR` names a folder with the files `username` and `password`.
   *
   * @throws InvalidOptionError in these cases:
   * - the option `pushes` is not set
   * - the workload has no pod template, or no container of the given name
   * - a container already has one of the variables
   * - the pods are not on the host's network, and `podCidrs` is empty
   */
  connect(workload: Construct, options: Pick<PushClientOptions, 'container'> = {}): void {
    if (!this.pushes) {
      throw optionError(
        this,
        'connect() requires an agent that accepts pushes: set the option "pushes" of the EdgeMetricsAgent, such as pushes: {}',
      );
    }
    connectWorkloadToNodeAgent(workload, { ...this.pushes, port: this.pushPort }, options);
  }

  private get pushPort(): number {
    return this.layout.device.ports.metricsPushes;
  }

  private builtInJobNames(): string[] {
    return [
      this.layout.family,
      ...(this.pushes ? [`${this.layout.family}-pushes`] : []),
      'services',
      ...(this.options.kubelet === false ? [] : ['cadvisor', 'kubelet-resource']),
    ];
  }

  private createDaemonSet(): void {
    const { layout, options } = this;
    const { targetsDirectory } = options;
    const { namespace, family, mounts } = layout;
    const url = `${layout.endpoint.url}${REMOTE_WRITE_PATH}`;
    const users = this.registerAndMountPushUsersSecret();
    const sources = [mounts.config, ...mounts.ca, ...users];
    const listener = this.pushes && this.createPushListener(this.pushes);
    const agentFiles = {
      ...pathsInStateFolder(layout),
      sourceDirs: sources.map(({ mountPath }) => mountPath),
    };
    const keeper = new QueueKeeper(this, 'QueueKeeper', {
      agent: family,
      namespace,
      url,
      ...agentFiles,
      maxAge: withFixedDefaults(METRICS_QUEUE, options.queue).maxAge,
      volumeMounts: [...sources, mounts.state],
    });
    const guard = new ClockGuard(this, 'ClockGuard', {
      agent: family,
      namespace,
      timeUrl: url,
      jobsFile: `${layout.dirs.config}/jobs.yaml`,
      ...agentFiles,
      loginDir: mounts.login[0]?.mountPath ?? '',
      volumeMounts: [...sources, ...mounts.login, mounts.state],
    });
    new EdgeAgent(this, 'Default', {
      layout,
      pods: options,
      files: () => this.renderConfigFiles(),
      // Exporters and the kubelet listen on the node's loopback address.
      hostNetwork: true,
      container: vmagentContainer({
        ...{ layout, options, url },
        image: Platform.of(this).image('vmagent'),
        cluster: Platform.of(this).cluster,
      }),
      volumes: [
        ...(targetsDirectory ? [hostPathVolume('targets', targetsDirectory, 'DirectoryOrCreate')] : []),
        ...(this.pushes && users.length ? [secretVolume('users', this.pushes.usersSecretName)] : []),
      ],
      initScripts: [keeper],
      scripts: [guard],
      sidecars: listener ? [listener] : [],
    });
  }

  /**
   * Returns the mount of the Secret with the users that may push, and records that the chart needs this Secret. Returns
   * an empty list if no pushes are accepted or `podCidrs` is empty.
   */
  private registerAndMountPushUsersSecret(): k8s.VolumeMount[] {
    if (!this.pushes?.podCidrs.length) return [];
    const { namespace } = this.layout;
    registerPushUsersSecret(this, namespace, this.pushes);
    return [{ name: 'users', mountPath: USERS_DIR, readOnly: true }];
  }

  private createPushListener(pushes: ResolvedPushes): PushListener {
    const { name, family, namespace, dirs, listen, mounts } = this.layout;
    return new PushListener(this, 'PushListener', {
      ...{ agent: name, family, namespace, pushes, port: this.pushPort, agentPort: listen.port },
      ...pathsInStateFolder(this.layout),
      limitsFile: `${pathOfFolderCopyInStateFolder(dirs.config, this.layout)}/pushes.json`,
      usersFile: `${pathOfFolderCopyInStateFolder(USERS_DIR, this.layout)}/auth`,
      state: mounts.state,
    });
  }

  private renderConfigFiles(): Files {
    const { layout, options, pushes, pushPort } = this;
    const { activeDir, loginFile } = pathsInStateFolder(layout);
    return {
      ...renderScrapeConfigFiles({
        options,
        ownJobs: [
          agentMetricsScrapeJob(layout.listen.port, layout.family, loginFile),
          ...(pushes ? [pushListenerScrapeJob(pushPort, layout.family)] : []),
        ],
        targets: this.targets,
        activeDirectory: activeDir,
        ...(options.targetsDirectory && { targetsDirectory: TARGETS_DIR }),
      }),
      ...(pushes &&
        renderPushLimitsFile(pushes, [
          ...this.builtInJobNames(),
          ...this.targets.flatMap(scrapeJobNamesOfTarget),
        ])),
    };
  }
}
