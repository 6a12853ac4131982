import { Construct } from 'constructs';
import { ConfigReloader, reloaderSettingsToCloseDeletedLogFiles } from '../../agents/config-reloader';
import {
  type AgentMetrics,
  LOG_AGENT_PORT,
  type LogAgent,
  type LogSelection,
  type LogSending,
  type LogTask,
  listAgentMetricNames,
} from '../../agents/log-agent';
import { defaultLogAgent, problemsOfOptionsUnsupportedByAgent } from '../../agents/log-agents';
import {
  conditionsForKeptLines,
  LOG_SELECTION,
  LOG_SENDING,
  logAgent,
  logSending,
} from '../../agents/log-options';
import type { NetworkServer } from '../../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { namespaceOptionEntry } from '../../core/cloud-rules';
import { ConfigFiles, checksumAnnotation } from '../../core/config-files';
import { imageVersionLabelValue } from '../../core/images';
import { k8s } from '../../core/k8s';
import { resources as resourcesRule } from '../../core/kubernetes-rules';
import { Identity } from '../../core/labels';
import { NetworkAccess } from '../../core/network-access';
import { createApiObject } from '../../core/objects';
import { dnsLabel } from '../../core/option-rules';
import {
  mergeOptionsPreferringFirst,
  type Options,
  type OptionTable,
  validateAndApplyDefaults,
  withFixedDefaults,
} from '../../core/option-table';
import { grantClusterRoleAndApiAccess } from '../../core/permissions';
import { Platform } from '../../core/platform';
import { emptyDirVolume, envFromField, hostPathVolume, type Resources } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { objectWithAtLeastFieldsRule } from '../../core/structure-rules';
import { optionError } from '../../core/validation';
import { CloudDaemonSet } from '../cloud-daemon-set';
import type { LokiStack } from '../loki';

/** Properties for `LogCollector`. */
export interface LogCollectorProps extends LogSelection {
  /** The Loki that receives the log lines. */
  readonly loki: LokiStack;
  /** Name of the Kubernetes objects. @default "log-collector" */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `nodes` namespace */
  readonly namespace?: string;
  /**
   * Log agent to run on each cloud node.
   * @default - Fluent Bit, as on edge nodes. Fluent Bit loses no lines if it is stopped while Loki is unavailable.
   */
  readonly agent?: LogAgent;
  /**
   * Compression and batching of log lines.
   * @default - lines are sent after one second, because traffic within the cluster is cheap
   */
  readonly sending?: LogSending;
  /** Resources of the agent on each node. @default - the default resources of the agent */
  readonly resources?: Resources;
}

/** Validation rule and default of each option of `LogCollector`. */
export const LOG_COLLECTOR_OPTIONS = {
  ...LOG_SELECTION,
  loki: { rule: objectWithAtLeastFieldsRule('a LokiStack', 'pushServer') },
  name: { rule: dnsLabel, default: 'log-collector' },
  namespace: namespaceOptionEntry('nodes'),
  agent: { rule: logAgent, derive: defaultLogAgent },
  sending: { rule: logSending, default: undefined },
  resources: { rule: resourcesRule, derive: ({ agent = defaultLogAgent() }) => agent.resources },
} satisfies OptionTable<LogCollectorProps>;

type LogCollectorOptions = Options<LogCollectorProps, typeof LOG_COLLECTOR_OPTIONS>;

const CONFIG_DIR = '/etc/log-agent/config';
const STATE_DIR = '/var/lib/log-agent';
const CONFIG_MOUNT: k8s.VolumeMount = { name: 'config', mountPath: CONFIG_DIR, readOnly: true };
const LOG_MOUNTS: readonly k8s.VolumeMount[] = [
  { name: 'pods', mountPath: '/var/log/pods', readOnly: true },
  { name: 'docker', mountPath: '/var/lib/docker/containers', readOnly: true },
];

/** Returns the URL of an HTTP endpoint of the agent, for other containers in its pod. */
const loopbackUrlOfLogAgent = (path: string): string => `http://127.0.0.1:${LOG_AGENT_PORT}${path}`;

/**
 * A DaemonSet that runs a log agent on every cloud node. The agent sends the log lines of all containers to
 * Loki.
 */
export class LogCollector extends Construct implements ScrapeTarget {
  readonly component = 'log-collector';
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];

  /** @throws InvalidOptionError when an option is invalid, or when the agent does not support an option. */
  constructor(scope: Construct, id: string, props: LogCollectorProps) {
    super(scope, id);
    const options = validateAndApplyDefaults(this, props, LOG_COLLECTOR_OPTIONS);
    const { name, namespace, agent, resources } = options;
    const unsupported = problemsOfOptionsUnsupportedByAgent(agent, options);
    if (unsupported.length) throw optionError(this, unsupported.join('; '));
    const platform = Platform.of(this);
    const image = platform.image(agent.image);
    const identity = new Identity(name, imageVersionLabelValue(image));
    const task = cloudLogAgentConfiguration(options, platform);
    const config = new ConfigFiles(this, 'Config', {
      name: `${name}-config`,
      namespace,
      identity,
      files: () => agent.files(task),
    });
    const reloader = new ConfigReloader(this, 'Reloader', {
      agent: name,
      namespace,
      mounts: [CONFIG_MOUNT],
      reloadUrl: loopbackUrlOfLogAgent(agent.reloadPath),
      reloadCountUrl: agent.reloadCountPath && loopbackUrlOfLogAgent(agent.reloadCountPath),
      unchangedAnswer: agent.unchangedAnswer,
      pausedAgent: reloaderSettingsToCloseDeletedLogFiles(agent.metrics, loopbackUrlOfLogAgent, LOG_MOUNTS),
    });
    const network = new NetworkAccess(this, 'NetworkPolicy', { namespace, identity });
    network.allowConnectionTo(options.loki.pushServer);
    if (agent.needsApiServer) {
      grantClusterRoleAndApiAccess(this, { name, namespace, identity, network }, [
        { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
      ]);
    }
    if (agent.notice) console.warn(`${this.node.path}: ${agent.notice}`);
    new CloudDaemonSet(this, 'Default', {
      identity,
      namespace,
      // A changed checksum restarts the pods. The checksum does not include the agent's configuration, because the
      // agent reloads its configuration without a restart.
      podAnnotations: checksumAnnotation([reloader.files]),
      asksApiServer: agent.needsApiServer,
      uid: 0,
      volumes: [
        config.toVolume('config'),
        emptyDirVolume('tmp', '64Mi'),
        hostPathVolume('pods', '/var/log/pods'),
        hostPathVolume('docker', '/var/lib/docker/containers', 'DirectoryOrCreate'),
        hostPathVolume('state', `/var/lib/edge-observability/${name}`, 'DirectoryOrCreate'),
        reloader.volume,
      ],
      sidecars: [reloader.container],
      container: {
        name,
        image,
        command: agent.command && [...agent.command],
        args: agent.args(task),
        env: [envFromField('NODE_NAME', 'spec.nodeName')],
        ports: [{ name: 'http', containerPort: LOG_AGENT_PORT, protocol: 'TCP' }],
        resources,
        volumeMounts: [
          CONFIG_MOUNT,
          { name: 'tmp', mountPath: '/tmp' },
          ...LOG_MOUNTS,
          { name: 'state', mountPath: STATE_DIR },
        ],
        // The liveness probe uses the readiness endpoint. The agent's health endpoint fails when Loki is
        // unavailable, and a restart would not help.
        ...httpProbes({ ready: agent.readyPath, live: agent.readyPath }),
      },
    });
    this.scrapeServers = agent.metrics
      ? [
          {
            peer: network.peer,
            port: LOG_AGENT_PORT,
            admit: (client) => network.allowIngressFrom(client, LOG_AGENT_PORT),
          },
        ]
      : [];
    this.scrapeConfigs = agent.metrics
      ? [this.createServiceAndScrapeJob(name, namespace, identity, agent.metrics)]
      : [];
  }

  /**
   * Creates a headless Service, by which Prometheus finds the log collector's pods on all cloud nodes. Returns the
   * scrape job, which keeps only metrics that rules and dashboards use.
   */
  private createServiceAndScrapeJob(
    name: string,
    namespace: string,
    identity: Identity,
    metrics: AgentMetrics,
  ): ScrapeConfig {
    createApiObject(
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
        { source_labels: ['__name__'], regex: listAgentMetricNames(metrics).join('|'), action: 'keep' },
      ],
    };
  }
}

/** Returns the configuration for the log agent: which lines to read, the labels to set, and the Loki to send to. */
function cloudLogAgentConfiguration(
  { loki, ...options }: LogCollectorOptions,
  { cluster, hasIpv6 }: Platform,
): LogTask {
  return {
    keep: conditionsForKeptLines(options.keep),
    drop: options.drop,
    multiline: options.multiline,
    // The label side distinguishes log streams of cloud nodes from log streams of edge nodes.
    labels: { cluster, side: 'cloud' },
    target: { url: loki.clusterPushUrl, tenant: loki.clusterTenant },
    sending: withFixedDefaults(
      LOG_SENDING,
      mergeOptionsPreferringFirst<LogSending>(options.sending, { batchWait: '1s' }),
    ),
    configDir: CONFIG_DIR,
    stateDir: STATE_DIR,
    listen: { address: hasIpv6 ? '::' : '0.0.0.0', port: LOG_AGENT_PORT },
  };
}
