import { Construct } from 'constructs';
import {
  type NodeAgent,
  type NodeTarget,
  type PushClientOptions,
  REMOTE_WRITE_PATH,
} from '../../contracts/metrics-sink';
import type { Files } from '../../core/config-files';
import type { k8s } from '../../core/k8s';
import { optionsOf, withDefaults } from '../../core/option-table';
import { Platform } from '../../core/platform';
import { hostPath, secretVolume } from '../../core/pods';
import { invalid } from '../../core/validation';
import { type AgentSite, agentSite, EdgeAgent } from '../agent';
import { ClockGuard } from './clock-guard';
import { copiedFolder, stateFolders, TARGETS_DIR, USERS_DIR } from './folders';
import {
  EDGE_SERVICE,
  type EdgeMetricsAgentProps,
  METRICS_AGENT_OPTIONS,
  METRICS_QUEUE,
  type MetricsAgentOptions,
  NODE_TARGET,
} from './options';
import { connectToNode, requirePushUsers } from './push-client';
import { PushListener, pushLimitsFile } from './push-listener';
import { type KnownPushes, METRICS_PUSHES } from './pushes';
import { QueueKeeper } from './queue-keeper';
import { scrapeFiles } from './scrape-files';
import { agentJob, jobNames, pushesJob } from './scrape-jobs';
import { vmagentContainer } from './vmagent';

/**
 * Reads everything on an edge node that has metrics, keeps what cannot be sent in a queue on the node's disk,
 * and sends it in batches: nothing is lost in an outage, at a fraction of a push's bytes. A vmagent.
 */
export class EdgeMetricsAgent extends Construct implements NodeAgent {
  readonly protocol = 'scrape';
  private readonly options: MetricsAgentOptions;
  private readonly site: AgentSite;
  private readonly targets: NodeTarget[] = [];
  private readonly pushes?: KnownPushes;

  /** @throws InvalidOptionError when an option is not allowed, or another agent is on the same nodes. */
  constructor(scope: Construct, id: string, props: EdgeMetricsAgentProps) {
    super(scope, id);
    this.options = optionsOf(this, props, METRICS_AGENT_OPTIONS);
    this.site = agentSite(this, this.options, { folder: 'metrics-agent', port: 'metricsAgent' });
    this.pushes = this.options.pushes && withDefaults(METRICS_PUSHES, this.options.pushes);
    for (const service of this.options.services) {
      this.scrape({ ...withDefaults(EDGE_SERVICE, service), instance: 'node' });
    }
    this.makeAgent();
  }

  scrape(target: NodeTarget): void {
    optionsOf(this, target, NODE_TARGET);
    const names = [...this.fixedJobs(), ...this.targets.flatMap(jobNames)];
    if (jobNames(target).some((name) => names.includes(name))) {
      throw invalid(
        this,
        `the job ${JSON.stringify(target.job)} already exists: change the job of one target`,
      );
    }
    this.targets.push(target);
  }

  /**
   * Gives a workload what its services push with: `PUSHGATEWAY_URL` for clients of a Pushgateway, `OTEL_EXPORTER_OTLP_METRICS_...`
   * for OpenTelemetry's SDKs. A pod with a network of its own needs a password, which it finds as the files `username` and
   * `password` in the folder `PUSHGATEWAY_CREDENTIALS_DIR`.
   *
   * @throws InvalidOptionError when no pushes are taken, when the workload has no pod template or no such container, when one of the
   * variables is there already, or when it has a network of its own and none is in `podCidrs`.
   */
  connect(workload: Construct, options: Pick<PushClientOptions, 'container'> = {}): void {
    if (!this.pushes) {
      throw invalid(
        this,
        'connect: no pushes are taken; allowed: after `pushes` is given, such as `pushes: {}`',
      );
    }
    connectToNode(workload, { ...this.pushes, port: this.pushPort }, options);
  }

  private get pushPort(): number {
    return this.site.device.ports.metricsPushes;
  }

  private fixedJobs(): string[] {
    return [
      this.site.family,
      ...(this.pushes ? [`${this.site.family}-pushes`] : []),
      'services',
      ...(this.options.kubelet === false ? [] : ['cadvisor', 'kubelet-resource']),
    ];
  }

  private makeAgent(): void {
    const { site, options } = this;
    const { targetsDirectory } = options;
    const { namespace, family, mounts } = site;
    const url = `${site.endpoint.url}${REMOTE_WRITE_PATH}`;
    const users = this.usersMount();
    const sources = [mounts.config, ...mounts.ca, ...users];
    const listener = this.pushes && this.makePushListener(this.pushes);
    const files = { ...stateFolders(site), sourceDirs: sources.map(({ mountPath }) => mountPath) };
    const keeper = new QueueKeeper(this, 'QueueKeeper', {
      agent: family,
      namespace,
      url,
      ...files,
      maxAge: withDefaults(METRICS_QUEUE, options.queue).maxAge,
      volumeMounts: [...sources, mounts.state],
    });
    const guard = new ClockGuard(this, 'ClockGuard', {
      agent: family,
      namespace,
      timeUrl: url,
      jobsFile: `${site.dirs.config}/jobs.yaml`,
      ...files,
      loginDir: mounts.login[0]?.mountPath ?? '',
      volumeMounts: [...sources, ...mounts.login, mounts.state],
    });
    new EdgeAgent(this, 'Default', {
      site,
      pods: options,
      files: () => this.files(),
      // Exporters and the kubelet listen on the node's loopback address.
      hostNetwork: true,
      container: vmagentContainer({
        ...{ site, options, url },
        image: Platform.of(this).image('vmagent'),
        cluster: Platform.of(this).cluster,
      }),
      volumes: [
        ...(targetsDirectory ? [hostPath('targets', targetsDirectory, 'DirectoryOrCreate')] : []),
        ...(this.pushes && users.length ? [secretVolume('users', this.pushes.usersSecretName)] : []),
      ],
      initScripts: [keeper],
      scripts: [guard],
      sidecars: listener ? [listener] : [],
    });
  }

  /** The file with users and password hashes, if pods need a password. */
  private usersMount(): k8s.VolumeMount[] {
    if (!this.pushes?.podCidrs.length) return [];
    const { namespace } = this.site;
    requirePushUsers(this, namespace, this.pushes);
    return [{ name: 'users', mountPath: USERS_DIR, readOnly: true }];
  }

  private makePushListener(pushes: KnownPushes): PushListener {
    const { name, family, namespace, dirs, listen, mounts } = this.site;
    return new PushListener(this, 'PushListener', {
      ...{ agent: name, family, namespace, pushes, port: this.pushPort, agentPort: listen.port },
      ...stateFolders(this.site),
      limitsFile: `${copiedFolder(dirs.config, this.site)}/pushes.json`,
      usersFile: `${copiedFolder(USERS_DIR, this.site)}/auth`,
      state: mounts.state,
    });
  }

  private files(): Files {
    const { site, options, pushes, pushPort } = this;
    const { activeDir, loginFile } = stateFolders(site);
    return {
      ...scrapeFiles({
        options,
        ownJobs: [
          agentJob(site.listen.port, site.family, loginFile),
          ...(pushes ? [pushesJob(pushPort, site.family)] : []),
        ],
        targets: this.targets,
        activeDirectory: activeDir,
        ...(options.targetsDirectory && { targetsDirectory: TARGETS_DIR }),
      }),
      ...(pushes && pushLimitsFile(pushes, [...this.fixedJobs(), ...this.targets.flatMap(jobNames)])),
    };
  }
}
