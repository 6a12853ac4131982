import { Construct } from 'constructs';
import { ConfigReloader, heldBy } from '../../agents/config-reloader';
import {
  type AgentMetrics,
  LOG_AGENT_PORT,
  type LogAgent,
  type LogSelection,
  type LogSending,
  type LogTask,
  namesOf,
} from '../../agents/log-agent';
import { defaultLogAgent, unsupportedOptions } from '../../agents/log-agents';
import { keptLines, LOG_SELECTION, LOG_SENDING, logAgent, logSending } from '../../agents/log-options';
import type { NetworkServer } from '../../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { namespaceFor } from '../../core/cloud-rules';
import { ConfigFiles, checksum } from '../../core/config-files';
import { imageVersion } from '../../core/images';
import { k8s } from '../../core/k8s';
import { resources as resourcesRule } from '../../core/kubernetes-rules';
import { Identity } from '../../core/labels';
import { NetworkAccess } from '../../core/network-access';
import { apiObject } from '../../core/objects';
import { dnsLabel } from '../../core/option-rules';
import { layered, type Options, type OptionTable, optionsOf, withDefaults } from '../../core/option-table';
import { grantInCluster } from '../../core/permissions';
import { Platform } from '../../core/platform';
import { fromField, hostPath, type Resources, scratch } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { having } from '../../core/structure-rules';
import { invalid } from '../../core/validation';
import { CloudDaemonSet } from '../cloud-daemon-set';
import type { LokiStack } from '../loki';

/** Properties for `LogCollector`. */
export interface LogCollectorProps extends LogSelection {
  /** Where the lines go. */
  readonly loki: LokiStack;
  /** Name of its objects. @default "log-collector" */
  readonly name?: string;
  /** Where its objects are made. @default - that of its chart, else `nodes` of the platform's */
  readonly namespace?: string;
  /**
   * The program that reads the files.
   * @default - Fluent Bit, as at the edge: it loses nothing when it is stopped while Loki is away
   */
  readonly agent?: LogAgent;
  /** How lines travel. @default - at once: the cluster's network is not metered */
  readonly sending?: LogSending;
  /** @default - the agent's own */
  readonly resources?: Resources;
}

/** The options of `LogCollector`. */
export const LOG_COLLECTOR_OPTIONS = {
  ...LOG_SELECTION,
  loki: { rule: having('a LokiStack', 'pushServer') },
  name: { rule: dnsLabel, default: 'log-collector' },
  namespace: namespaceFor('nodes'),
  agent: { rule: logAgent, derive: defaultLogAgent },
  sending: { rule: logSending, default: undefined },
  resources: { rule: resourcesRule, derive: ({ agent = defaultLogAgent() }) => agent.resources },
} satisfies OptionTable<LogCollectorProps>;

type LogCollectorOptions = Options<LogCollectorProps, typeof LOG_COLLECTOR_OPTIONS>;

const CONFIG_DIR = '/etc/log-agent/config';
const STATE_DIR = '/var/lib/log-agent';
const CONFIG: k8s.VolumeMount = { name: 'config', mountPath: CONFIG_DIR, readOnly: true };
const LOGS: readonly k8s.VolumeMount[] = [
  { name: 'pods', mountPath: '/var/log/pods', readOnly: true },
  { name: 'docker', mountPath: '/var/lib/docker/containers', readOnly: true },
];

const urlOf = (path: string): string => `http://127.0.0.1:${LOG_AGENT_PORT}${path}`;

/** Sends the lines of every container of the cloud nodes to Loki, each by name. */
export class LogCollector extends Construct implements ScrapeTarget {
  readonly component = 'log-collector';
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];

  /** @throws InvalidOptionError when an option is not allowed, or the agent does not support one. */
  constructor(scope: Construct, id: string, props: LogCollectorProps) {
    super(scope, id);
    const options = optionsOf(this, props, LOG_COLLECTOR_OPTIONS);
    const { name, namespace, agent, resources } = options;
    const unsupported = unsupportedOptions(agent, options);
    if (unsupported.length) throw invalid(this, unsupported.join('; '));
    const platform = Platform.of(this);
    const image = platform.image(agent.image);
    const identity = new Identity(name, imageVersion(image));
    const task = taskOf(options, platform);
    const config = new ConfigFiles(this, 'Config', {
      name: `${name}-config`,
      namespace,
      identity,
      files: () => agent.files(task),
    });
    const reloader = new ConfigReloader(this, 'Reloader', {
      agent: name,
      namespace,
      mounts: [CONFIG],
      reloadUrl: urlOf(agent.reloadPath),
      reloadCountUrl: agent.reloadCountPath && urlOf(agent.reloadCountPath),
      held: heldBy(agent.metrics, urlOf, LOGS),
    });
    const network = new NetworkAccess(this, 'NetworkPolicy', { namespace, identity });
    network.connect(options.loki.pushServer);
    if (agent.needsApiServer) {
      grantInCluster(this, { name, namespace, identity, network }, [
        { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
      ]);
    }
    if (agent.notice) console.warn(`${this.node.path}: ${agent.notice}`);
    new CloudDaemonSet(this, 'Default', {
      identity,
      namespace,
      // Not of the configuration: the agent reads that again by itself.
      podAnnotations: checksum([reloader.files]),
      asksApiServer: agent.needsApiServer,
      uid: 0,
      volumes: [
        config.volume('config'),
        scratch('tmp', '64Mi'),
        hostPath('pods', '/var/log/pods'),
        hostPath('docker', '/var/lib/docker/containers', 'DirectoryOrCreate'),
        hostPath('state', `/var/lib/edge-observability/${name}`, 'DirectoryOrCreate'),
        reloader.volume,
      ],
      sidecars: [reloader.container],
      container: {
        name,
        image,
        command: agent.command && [...agent.command],
        args: agent.args(task),
        env: [fromField('NODE_NAME', 'spec.nodeName')],
        ports: [{ name: 'http', containerPort: LOG_AGENT_PORT, protocol: 'TCP' }],
        resources,
        volumeMounts: [
          CONFIG,
          { name: 'tmp', mountPath: '/tmp' },
          ...LOGS,
          { name: 'state', mountPath: STATE_DIR },
        ],
        // Its own readiness, also for liveness: a health that fails with any of its parts mends nothing.
        ...httpProbes({ ready: agent.readyPath, live: agent.readyPath }),
      },
    });
    this.scrapeServers = agent.metrics
      ? [
          {
            peer: network.peer,
            port: LOG_AGENT_PORT,
            admit: (client) => network.admit(client, LOG_AGENT_PORT),
          },
        ]
      : [];
    this.scrapeConfigs = agent.metrics ? [this.jobOf(name, namespace, identity, agent.metrics)] : [];
  }

  /** The pods of all nodes, by a Service that has no address of its own. */
  private jobOf(name: string, namespace: string, identity: Identity, metrics: AgentMetrics): ScrapeConfig {
    apiObject(
      this,
      'Service',
      k8s.KubeService.manifest({
        metadata: { name, namespace, labels: identity.labels },
        spec: {
          clusterIp: 'None',
          selector: identity.selector,
          ports: [{ name: 'http', port: LOG_AGENT_PORT, protocol: 'TCP' }],
        },
      }),
    );
    return {
      job_name: name,
      metrics_path: metrics.path,
      dns_sd_configs: [{ names: [`${name}.${namespace}.svc`], type: 'A', port: LOG_AGENT_PORT }],
      metric_relabel_configs: [
        { source_labels: ['__name__'], regex: namesOf(metrics).join('|'), action: 'keep' },
      ],
    };
  }
}

function taskOf({ loki, ...options }: LogCollectorOptions, { cluster, hasIpv6 }: Platform): LogTask {
  return {
    keep: keptLines(options.keep),
    drop: options.drop,
    multiline: options.multiline,
    // What is asked about nodes of the edge leaves these out.
    labels: { cluster, side: 'cloud' },
    target: { url: loki.clusterPushUrl, tenant: loki.clusterTenant },
    sending: withDefaults(LOG_SENDING, layered<LogSending>(options.sending, { batchWait: '1s' })),
    configDir: CONFIG_DIR,
    stateDir: STATE_DIR,
    listen: { address: hasIpv6 ? '::' : '0.0.0.0', port: LOG_AGENT_PORT },
  };
}
