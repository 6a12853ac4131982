import { basename } from 'node:path';
import { Construct } from 'constructs';
import { remoteWriteArgs } from '../../agents/vmagent';
import { type NodeAgent, type NodeTarget, REMOTE_WRITE_PATH } from '../../contracts/metrics-sink';
import type { Files } from '../../core/config-files';
import { optionsOf, withDefaults } from '../../core/option-table';
import { Platform } from '../../core/platform';
import { type ContainerSpec, fromField, hostPath } from '../../core/pods';
import { caFileIn } from '../../core/private-ca';
import { bytes, seconds } from '../../core/units';
import { invalid } from '../../core/validation';
import { type AgentSite, agentSite, EdgeAgent } from '../agent';
import { ClockGuard } from './clock-guard';
import {
  EDGE_SERVICE,
  type EdgeMetricsAgentProps,
  METRICS_AGENT_OPTIONS,
  METRICS_QUEUE,
  METRICS_SENDING,
  type MetricsAgentOptions,
  NODE_TARGET,
} from './options';
import { QueueKeeper } from './queue-keeper';
import { scrapeFiles } from './scrape-files';
import { jobNamesOf, ownJob } from './scrape-jobs';

/** Folders below that of the state: the queue, what the clock guard lets be measured, and copies of the agent's files. */
const statesOf = ({ dirs: { state } }: AgentSite) => ({
  stateDir: state,
  queueDir: `${state}/queue`,
  activeDir: `${state}/active`,
  filesDir: `${state}/files`,
});

/** The copy of a folder of the pod, which stays when EdgeCore unmounts the folder. */
const copyOf = (folder: string, site: AgentSite): string => `${statesOf(site).filesDir}/${basename(folder)}`;

const TARGETS_DIR = '/etc/metrics-agent/targets';

/**
 * Reads everything on an edge node that has metrics, keeps what cannot be sent in a queue on the node's disk,
 * and sends it in batches: nothing is lost in an outage, at a fraction of a push's bytes. A vmagent.
 */
export class EdgeMetricsAgent extends Construct implements NodeAgent {
  readonly protocol = 'scrape';
  private readonly options: MetricsAgentOptions;
  private readonly site: AgentSite;
  private readonly targets: NodeTarget[] = [];

  /** @throws InvalidOptionError when an option is not allowed, or another agent is on the same nodes. */
  constructor(scope: Construct, id: string, props: EdgeMetricsAgentProps) {
    super(scope, id);
    this.options = optionsOf(this, props, METRICS_AGENT_OPTIONS);
    this.site = agentSite(this, this.options, { folder: 'metrics-agent', port: 'metricsAgent' });
    for (const service of this.options.services) {
      this.scrape({ ...withDefaults(EDGE_SERVICE, service), instance: 'node' });
    }
    this.makeAgent();
  }

  scrape(target: NodeTarget): void {
    optionsOf(this, target, NODE_TARGET);
    const names = [...this.fixedJobs(), ...this.targets.flatMap(jobNamesOf)];
    if (jobNamesOf(target).some((name) => names.includes(name))) {
      throw invalid(
        this,
        `the job ${JSON.stringify(target.job)} is read already: give one of the targets another job`,
      );
    }
    this.targets.push(target);
  }

  private fixedJobs(): string[] {
    return [
      this.site.family,
      'services',
      ...(this.options.kubelet === false ? [] : ['cadvisor', 'kubelet-resource']),
    ];
  }

  private makeAgent(): void {
    const { site, options } = this;
    const { targetsDirectory } = options;
    const { namespace, family, mounts } = site;
    const url = `${site.endpoint.url}${REMOTE_WRITE_PATH}`;
    const sources = [mounts.config, ...mounts.ca];
    const files = { ...statesOf(site), sourceDirs: sources.map(({ mountPath }) => mountPath) };
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
      container: this.container(url),
      volumes: targetsDirectory ? [hostPath('targets', targetsDirectory, 'DirectoryOrCreate')] : [],
      initScripts: [keeper],
      scripts: [guard],
    });
  }

  private files(): Files {
    const { site, options } = this;
    return scrapeFiles({
      options,
      cluster: Platform.of(this).cluster,
      ...(site.endpoint.group === undefined && { group: options.group }),
      ownJob: ownJob(site.listen.port, site.family),
      targets: this.targets,
      activeDirectory: statesOf(site).activeDir,
      ...(options.targetsDirectory && { targetsDirectory: TARGETS_DIR }),
    });
  }

  private container(url: string): ContainerSpec {
    const { listen, dirs, mounts, endpoint } = this.site;
    const { queueDir } = statesOf(this.site);
    const copied = (folder: string) => copyOf(folder, this.site);
    const { sink, resources, seriesPerTarget, targetsDirectory } = this.options;
    const sending = withDefaults(METRICS_SENDING, this.options.sending);
    return {
      name: 'vmagent',
      image: Platform.of(this).image('vmagent'),
      args: [
        `-promscrape.config=${copied(dirs.config)}/scrape.yaml`,
        '-promscrape.configCheckInterval=15s',
        `-promscrape.seriesLimitPerTarget=${seriesPerTarget}`,
        // What does not answer is said once in a while, and is `up` 0 in the cloud.
        '-promscrape.suppressScrapeErrorsDelay=30m',
        `-remoteWrite.relabelConfig=${copied(dirs.config)}/relabel.yaml`,
        `-httpListenAddr=${listen.address}:${listen.port}`,
        ...remoteWriteArgs({
          urls: [url],
          encoding: sink.encoding,
          queueDir,
          queueSize: withDefaults(METRICS_QUEUE, this.options.queue).size,
          credentialsDir: this.site.credentialsDir,
          certificate: this.site.certificate,
          caFile: caFileIn(copied(dirs.ca), endpoint),
        }),
        `-remoteWrite.flushInterval=${seconds(sending.batchWait)}s`,
        `-remoteWrite.rateLimit=${bytes(sending.bytesPerSecond)}`,
        `-remoteWrite.retryMaxInterval=${seconds(sending.maxBackoff)}s`,
        // A batch is 10 kB, and what is sent into a dead connection is paid for.
        '-remoteWrite.sendTimeout=15s',
        // Packing is cheap once a minute, and the link is not: 15 % fewer bytes than vmagent's own level.
        '-remoteWrite.vmProtoCompressLevel=19',
        // Packing at that level takes fifteen times the memory of a block: of vmagent's own 8Mi, more than the limit.
        '-remoteWrite.maxBlockSize=524288',
        // Caches are small here, whatever the machine has.
        `-memory.allowedBytes=${bytes(resources.memoryLimit ?? resources.memory) / 2}`,
        ...(sending.significantFigures
          ? [`-remoteWrite.significantFigures=${sending.significantFigures}`]
          : []),
        '-envflag.enable=true',
      ],
      env: [
        fromField('NODE_IP', 'status.hostIP'),
        // Each processor that packs keeps the memory for it, 9 MiB at this level, and there is no work for two;
        // glibc gives it back only where it is told to, other C libraries do by themselves.
        { name: 'GOMAXPROCS', value: '1' },
        { name: 'MALLOC_MMAP_THRESHOLD_', value: '1048576' },
        // Fresh samples do not wait behind a backlog. As a variable, since only vmagent 1.146 and later know it.
        { name: 'remoteWrite_inmemoryQueues', value: '1' },
      ],
      resources,
      volumeMounts: [
        ...mounts.login,
        mounts.state,
        ...(targetsDirectory ? [{ name: 'targets', mountPath: TARGETS_DIR, readOnly: true }] : []),
      ],
    };
  }
}
