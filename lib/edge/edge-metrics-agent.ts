import { basename } from 'node:path';
import { Construct } from 'constructs';
import { remoteWriteArgs } from '../agents/vmagent';
import type { PublicEndpoint } from '../contracts/endpoint';
import { type NodeAgent, type NodeTarget, REMOTE_WRITE_PATH } from '../contracts/metrics-sink';
import { ConfigFiles, checksum } from '../core/config-files';
import { endpointOf } from '../core/groups';
import { imageVersion } from '../core/images';
import { Identity } from '../core/labels';
import { Platform } from '../core/platform';
import { type ContainerSpec, fromField, hostPath, type Resources, secretVolume } from '../core/pods';
import { caFileIn, caMounts, caVolumes } from '../core/private-ca';
import { requireCredentials } from '../core/required-secrets';
import { bytes, seconds } from '../core/units';
import { invalid } from '../core/validation';
import { ClockGuard } from './clock-guard';
import { deviceOf, type KnownDevice, stateVolume, targetsDirectoryOf } from './device';
import { EdgeDaemonSet } from './edge-daemon-set';
import {
  BATCH_WAIT,
  type EdgeMetricsAgentProps,
  QUEUE_DEFAULTS,
  verifyAgentProps,
} from './edge-metrics-agent-options';
import { podOptions } from './edge-pod-rules';
import { checkProxy, throughProxy } from './http-proxy';
import { QueueKeeper } from './queue-keeper';
import { scrapeFiles } from './scrape-files';
import { ownJob } from './scrape-jobs';

const DEFAULT_RESOURCES: Resources = { cpu: '20m', memory: '32Mi', memoryLimit: '64Mi' };

const CONFIG_DIR = '/etc/metrics-agent/config';
const CREDENTIALS_DIR = '/etc/metrics-agent/credentials';
const CA_DIR = '/etc/metrics-agent/ca';
const TARGETS_DIR = '/etc/metrics-agent/targets';
const STATE_DIR = '/var/lib/metrics-agent';
const QUEUE_DIR = `${STATE_DIR}/queue`;
/** What the clock guard lets be measured. */
const ACTIVE_DIR = `${STATE_DIR}/active`;
/** Copies of the configuration and the authority, which stay when EdgeCore unmounts the pod's folders. */
const FILES_DIR = `${STATE_DIR}/files`;
const copied = (folder: string): string => `${FILES_DIR}/${basename(folder)}`;

const CONFIG_MOUNT = { name: 'config', mountPath: CONFIG_DIR, readOnly: true };
const CREDENTIALS_MOUNT = { name: 'credentials', mountPath: CREDENTIALS_DIR, readOnly: true };
const STATE_MOUNT = { name: 'state', mountPath: STATE_DIR };

/**
 * Reads everything on an edge node that has metrics, keeps what cannot be sent in a queue on the node's disk,
 * and sends it in batches: nothing is lost in an outage, at a fraction of a push's bytes. A vmagent.
 */
export class EdgeMetricsAgent extends Construct implements NodeAgent {
  readonly protocol = 'scrape';
  private readonly name: string;
  private readonly family: string;
  private readonly endpoint: PublicEndpoint;
  private readonly device: KnownDevice;
  private readonly port: number;
  private readonly targetsDirectory: string | false;
  private readonly targets: NodeTarget[] = [];

  /** @throws InvalidOptionError when an option is not allowed, or another agent is on the same nodes. */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: EdgeMetricsAgentProps,
  ) {
    super(scope, id);
    verifyAgentProps(this, props);
    this.name = props.name ?? 'edge-metrics-agent';
    this.family = props.family ?? this.name;
    this.endpoint = endpointOf(this, props.sink.endpoint, props.group);
    this.device = deviceOf(this, props.device);
    this.port = this.device.ports?.metricsAgent ?? 8429;
    this.targetsDirectory = props.targetsDirectory ?? targetsDirectoryOf(this.device);
    for (const { metricsPath = '/metrics', ...service } of props.services ?? []) {
      this.scrape({ ...service, metricsPath, instance: 'node' });
    }
    this.makeDaemonSet();
  }

  scrape(target: NodeTarget): void {
    const names = [...this.fixedJobs(), ...this.targets.map(({ job }) => job)];
    if (names.includes(target.job)) {
      throw invalid(
        this,
        `the job ${JSON.stringify(target.job)} is read already: give one of the targets another job`,
      );
    }
    this.targets.push(target);
  }

  private fixedJobs(): string[] {
    return [
      this.family,
      'services',
      ...(this.props.kubelet === false ? [] : ['cadvisor', 'kubelet-resource']),
    ];
  }

  private makeDaemonSet(): void {
    const { props, name } = this;
    const platform = Platform.of(this);
    const namespace = platform.namespaceOf(this, 'edge', props.namespace);
    const { endpoint, device, targetsDirectory } = this;
    const { httpProxy: proxy } = device;
    requireCredentials(this, namespace, endpoint);
    const url = `${endpoint.url}${REMOTE_WRITE_PATH}`;
    const config = new ConfigFiles(this, 'Config', {
      name: `${name}-config`,
      namespace,
      identity: new Identity(name),
      files: () =>
        scrapeFiles({
          props,
          cluster: platform.cluster,
          ...(endpoint.group === undefined && { group: props.group }),
          ownJob: ownJob(this.port, this.family),
          targets: this.targets,
          activeDirectory: ACTIVE_DIR,
          ...(targetsDirectory && { targetsDirectory: TARGETS_DIR }),
        }),
    });
    const sources = [CONFIG_MOUNT, ...caMounts(CA_DIR, endpoint)];
    const files = {
      activeDir: ACTIVE_DIR,
      sourceDirs: sources.map(({ mountPath }) => mountPath),
      filesDir: FILES_DIR,
      stateDir: STATE_DIR,
      queueDir: QUEUE_DIR,
    };
    const keeper = new QueueKeeper(this, 'QueueKeeper', {
      agent: this.family,
      namespace,
      url,
      ...files,
      maxAge: props.queue?.maxAge ?? QUEUE_DEFAULTS.maxAge,
      volumeMounts: [...sources, STATE_MOUNT],
    });
    const guard = new ClockGuard(this, 'ClockGuard', {
      agent: this.family,
      namespace,
      timeUrl: url,
      jobsFile: `${CONFIG_DIR}/jobs.yaml`,
      ...files,
      credentialsDir: CREDENTIALS_DIR,
      volumeMounts: [...sources, CREDENTIALS_MOUNT, STATE_MOUNT],
    });
    new EdgeDaemonSet(this, 'Default', {
      ...podOptions(props),
      name,
      namespace,
      version: imageVersion(platform.image('vmagent')),
      // Exporters and the kubelet listen on the node's loopback address.
      hostNetwork: true,
      shareProcesses: true,
      // The folder of the host that keeps the queue is root's.
      uid: 0,
      initContainers: [...checkProxy(proxy, platform.image('curl')), throughProxy(proxy, keeper.container)],
      containers: [this.agent(platform.image('vmagent'), url), guard.container].map((container) =>
        throughProxy(proxy, container),
      ),
      volumes: [
        config.volume('config'),
        secretVolume('credentials', endpoint.credentialsSecretName),
        stateVolume(device, this.family),
        ...(targetsDirectory ? [hostPath('targets', targetsDirectory, 'DirectoryOrCreate')] : []),
        keeper.volume,
        guard.volume,
        ...caVolumes(endpoint),
      ],
      // Not of the configuration: the agent reads that again by itself.
      podAnnotations: checksum([keeper.files, guard.files]),
    });
  }

  private agent(image: string, url: string): ContainerSpec {
    const { sink, sending = {}, queue = {}, seriesPerTarget = 2_000 } = this.props;
    const { resources = DEFAULT_RESOURCES } = this.props;
    return {
      name: 'vmagent',
      image,
      args: [
        `-promscrape.config=${copied(CONFIG_DIR)}/scrape.yaml`,
        '-promscrape.configCheckInterval=15s',
        `-promscrape.seriesLimitPerTarget=${seriesPerTarget}`,
        // What does not answer is said once in a while, and is `up` 0 in the cloud.
        '-promscrape.suppressScrapeErrorsDelay=30m',
        `-remoteWrite.relabelConfig=${copied(CONFIG_DIR)}/relabel.yaml`,
        `-httpListenAddr=127.0.0.1:${this.port}`,
        ...remoteWriteArgs({
          url,
          encoding: sink.encoding,
          queueDir: QUEUE_DIR,
          queueSize: queue.size ?? QUEUE_DEFAULTS.size,
          credentialsDir: CREDENTIALS_DIR,
          caFile: caFileIn(copied(CA_DIR), this.endpoint),
        }),
        `-remoteWrite.flushInterval=${seconds(sending.batchWait ?? BATCH_WAIT)}s`,
        `-remoteWrite.rateLimit=${bytes(sending.bytesPerSecond ?? '64Ki')}`,
        `-remoteWrite.retryMaxInterval=${seconds(sending.maxBackoff ?? '60s')}s`,
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
        fromField('NODE_NAME', 'spec.nodeName'),
        fromField('NODE_IP', 'status.hostIP'),
        // Each processor that packs keeps the memory for it, 9 MiB at this level, and there is no work for two;
        // glibc gives it back only where it is told to, other C libraries do by themselves.
        { name: 'GOMAXPROCS', value: '1' },
        { name: 'MALLOC_MMAP_THRESHOLD_', value: '1048576' },
        // Fresh samples do not wait behind a backlog. As a variable, since only vmagent 1.146 and later know it.
        { name: 'remoteWrite_inmemoryQueues', value: '1' },
      ],
      // A port of the node: the pod of another group starts when this one has ended, where a node changes its group.
      ports: [
        {
          name: 'http',
          containerPort: this.port,
          hostPort: this.port,
          hostIp: '127.0.0.1',
          protocol: 'TCP',
        },
      ],
      resources,
      volumeMounts: [
        CREDENTIALS_MOUNT,
        STATE_MOUNT,
        ...(this.targetsDirectory ? [{ name: 'targets', mountPath: TARGETS_DIR, readOnly: true }] : []),
      ],
    };
  }
}
