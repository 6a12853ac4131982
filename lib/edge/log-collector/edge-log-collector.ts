import { Construct } from 'constructs';
import {
  ConfigReloader,
  type PasswordFiles,
  RELOADER,
  reloaderSettingsToCloseDeletedLogFiles,
} from '../../agents/config-reloader';
import { type AgentMetrics, type LogAgent, type LogTask, listAgentMetricNames } from '../../agents/log-agent';
import { conditionsForKeptLines, LOG_SENDING } from '../../agents/log-options';
import { LOKI_PUSH_PATH } from '../../contracts/log-sink';
import type { NodeTarget } from '../../contracts/metrics-sink';
import type { k8s } from '../../core/k8s';
import { withFixedDefaults } from '../../core/option-table';
import { ARCHITECTURE_LABEL, DOCKER_DRIVER_LABEL, type NodeRequirements } from '../../core/placement';
import { Platform } from '../../core/platform';
import { emptyDirVolume, hostPathVolume } from '../../core/pods';
import {
  type AgentLayout,
  convertScriptToSidecarWithoutProxy,
  EdgeAgent,
  resolveAgentLayoutAndRegisterSecret,
} from '../agent';
import { claimNodeResource } from '../daemon-set';
import { relabelingToKeepMetrics } from '../metrics-agent';
import { type EdgeLogCollectorProps, type LogCollectorOptions, resolveLogCollectorOptions } from './options';

const POD_LOGS_DIR = '/var/log/pods';

/** Mount of the volume with one password file per user, for agents that read the password at each request. */
const PASSWORDS = { name: 'passwords', mountPath: '/etc/log-agent/passwords' };

/**
 * Runs a log agent on every edge node. The agent sends the log lines of all containers to Loki, reads the kubelet's log
 * files, and needs no API server. While Loki is unreachable, the log files are the buffer. When Loki is reachable
 * again, the agent continues at the line where it stopped. docs/logs.md says which rotated files each agent reads.
 */
export class EdgeLogCollector extends Construct {
  /**
   * @throws InvalidOptionError when an option is invalid, when the agent does not support an option or needs an API
   * server, or when another collector runs on the same nodes.
   */
  constructor(scope: Construct, id: string, props: EdgeLogCollectorProps) {
    super(scope, id);
    const options = resolveLogCollectorOptions(this, props);
    const { agent } = options;
    if (agent.notice) console.warn(`${this.node.path}: ${agent.notice}`);
    claimNodeResource(
      this,
      'the folder of container logs',
      options,
      'change the nodeSelector of one of the two log collectors',
    );
    const platform = Platform.of(this);
    const layout = resolveAgentLayoutAndRegisterSecret(this, options, {
      folder: 'log-agent',
      port: 'logCollector',
    });
    const passwords = reloaderSettingsToWritePasswordFiles(agent, layout);
    const task = edgeLogAgentConfiguration(options, platform.cluster, layout, passwords?.mount.mountPath);
    const roots = [POD_LOGS_DIR, ...options.logRoots];
    const { mounts } = layout;
    // The files are rendered here, once, so that an error of a custom agent about an unsupported option is thrown
    // early.
    const files = agent.files(task);
    if (agent.metrics)
      options.metrics?.scrape(scrapeTargetOfLogAgent(layout.family, agent.metrics, layout.listen.port));
    new EdgeAgent(this, 'Default', {
      layout,
      pods: options,
      files: () => files,
      hostNetwork: options.metrics && agent.metrics ? true : undefined,
      nodes: nodeRequirementsForLogAgent(agent),
      proxyVariable: agent.proxyVariable,
      scratch: '16Mi',
      volumes: [
        ...roots.map((path, number) => hostPathVolume(`logs-${number}`, path, 'DirectoryOrCreate')),
        ...(passwords ? [emptyDirVolume(PASSWORDS.name, '1Mi', 'Memory')] : []),
      ],
      container: {
        name: agent.name,
        image: platform.image(agent.image),
        command: agent.command && [...agent.command],
        args: agent.args(task),
        resources: options.resources,
        volumeMounts: [
          mounts.config,
          ...mounts.login,
          ...(passwords ? [{ ...passwords.mount, readOnly: true }] : []),
          { name: 'tmp', mountPath: '/tmp' },
          mounts.state,
          ...mountsOfLogFolders(roots),
          ...mounts.ca,
        ],
      },
      sidecars: [convertScriptToSidecarWithoutProxy(this.createConfigReloader(agent, layout, roots))],
    });
  }

  private createConfigReloader(
    agent: LogAgent,
    layout: AgentLayout,
    roots: readonly string[],
  ): ConfigReloader {
    const { family, namespace, mounts, urlOf } = layout;
    return new ConfigReloader(this, 'reloader', {
      agent: family,
      namespace,
      mounts: [mounts.config, ...mounts.login],
      reloadUrl: urlOf(agent.reloadPath),
      reloadCountUrl: agent.reloadCountPath && urlOf(agent.reloadCountPath),
      unchangedAnswer: agent.unchangedAnswer,
      pausedAgent: reloaderSettingsToCloseDeletedLogFiles(agent.metrics, urlOf, mountsOfLogFolders(roots)),
      passwords: reloaderSettingsToWritePasswordFiles(agent, layout),
    });
  }
}

/**
 * Returns two settings of the sidecar `reloader`: the folder from which it reads credentials, and the mount to which it
 * writes password files. Returns `undefined` if the agent needs no password files or has no password.
 */
const reloaderSettingsToWritePasswordFiles = (
  agent: LogAgent,
  { credentialsDir }: AgentLayout,
): PasswordFiles | undefined =>
  agent.readsPasswordFiles && credentialsDir !== undefined ? { credentialsDir, mount: PASSWORDS } : undefined;

/**
 * Returns the requirements for nodes that run the agent. The agent's image must exist for the node's architecture. The
 * node must not have the label `edge-observability.io/logs=docker-driver`, because Docker then sends the logs.
 */
function nodeRequirementsForLogAgent({ architectures }: LogAgent): NodeRequirements {
  return [
    ...Object.entries(DOCKER_DRIVER_LABEL).map(([key, value]) => ({
      key,
      operator: 'NotIn',
      values: [value],
    })),
    { key: ARCHITECTURE_LABEL, operator: 'In', values: [...architectures] },
  ];
}

/** Maximum number of series that a metrics agent sends about a log agent: enough for a few hundred log files. */
const MAX_SERIES = 400;

function scrapeTargetOfLogAgent(job: string, metrics: AgentMetrics, port: number): NodeTarget {
  return {
    job,
    port,
    metricsPath: metrics.path,
    instance: 'node',
    interval: '5m',
    metricRelabeling: [
      relabelingToKeepMetrics(listAgentMetricNames(metrics)),
      { regex: 'component_.+', action: 'labeldrop' },
    ],
    seriesLimit: MAX_SERIES,
    // Nodes with the Docker driver run no log collector, but their metrics agent has the same scrape jobs.
    onSomeNodes: true,
  };
}

/** Returns the configuration for the log agent: which lines to read, the labels to set, and the host to send to. */
function edgeLogAgentConfiguration(
  options: LogCollectorOptions,
  cluster: string,
  { endpoint, device, dirs, listen, caFile, credentialsDir, certificate }: AgentLayout,
  passwordsDir: string | undefined,
): LogTask {
  return {
    // The lines of the reloader are always kept, because the alert EdgeLogsMissing needs them.
    keep: conditionsForKeptLines(options.keep) && [...(options.keep ?? []), { container: RELOADER }],
    drop: options.drop,
    multiline: options.multiline,
    labels: { cluster, ...(options.group && { group: options.group }), ...options.streamLabels },
    target: {
      url: `${endpoint.url}${LOKI_PUSH_PATH}`,
      credentialsDir,
      passwordsDir,
      certificate,
      caFile,
      ...(device.httpProxy && { byProxy: true }),
    },
    sending: withFixedDefaults(LOG_SENDING, options.sending),
    configDir: dirs.config,
    stateDir: dirs.state,
    listen,
  };
}

function mountsOfLogFolders(roots: readonly string[]): k8s.VolumeMount[] {
  return roots.map((mountPath, number) => ({ name: `logs-${number}`, mountPath, readOnly: true }));
}
