import type { Construct } from 'constructs';
import { LINE_LABELS, type LogAgent, type LogSelection, type LogSending } from '../../agents/log-agent';
import {
  agentNeedsApiServerProblems,
  defaultLogAgent,
  problemsOfOptionsUnsupportedByAgent,
} from '../../agents/log-agents';
import { LOG_SELECTION, logAgent, logSending } from '../../agents/log-options';
import type { LogSink } from '../../contracts/log-sink';
import type { NodeAgent } from '../../contracts/metrics-sink';
import { logSink } from '../../core/contract-rules';
import { dataFolder, resources } from '../../core/kubernetes-rules';
import { dnsLabel, labelValue } from '../../core/option-rules';
import { type Options, type OptionTable, validateAndApplyDefaults } from '../../core/option-table';
import { DOCKER_DRIVER_LABEL } from '../../core/placement';
import type { Resources } from '../../core/pods';
import { maxLabelsRule, streamLabels } from '../../core/stream-labels';
import { listRule, objectWithAtLeastFieldsRule } from '../../core/structure-rules';
import { optionError, validateOptions } from '../../core/validation';
import { EDGE_POD_OPTIONS, type EdgePodOptions } from '../daemon-set';

/** Properties for `EdgeLogCollector`. */
export interface EdgeLogCollectorProps extends LogSelection, EdgePodOptions {
  /** Destination of the log lines. */
  readonly sink: LogSink;
  /** Name of the DaemonSet. @default "edge-log-collector" */
  readonly name?: string;
  /**
   * Name of the collector without its group. Folders on nodes, labels of metrics, and the objects that all groups
   * share, contain this name.
   * @default - `name`
   */
  readonly family?: string;
  /**
   * The log agent: `fluentBit()`, another agent that docs/logs.md lists, or your own implementation of `LogAgent`.
   * @default - Fluent Bit, which loses the fewest lines and sends the fewest bytes
   */
  readonly agent?: LogAgent;
  /**
   * Node group: the value of the label `group` of every line. If the sink has credentials for each group, the agent
   * authenticates with the credentials of this group.
   * @default - no group
   */
  readonly group?: string;
  /**
   * Up to 7 additional labels with fixed values for every line. Loki accepts 15 labels in total.
   * @default - no additional labels
   */
  readonly streamLabels?: Readonly<Record<string, string>>;
  /**
   * The metrics agent of the same nodes, which scrapes the collector every five minutes. The metrics agent connects to
   * the node's loopback address, so the collector then runs on the host's network.
   * @default - the collector is not scraped, and runs on the pod network
   */
  readonly metrics?: NodeAgent;
  /** Options for batches and retries of log lines. @default - a request every ten seconds, of at most one mebibyte */
  readonly sending?: LogSending;
  /** Resources of the log agent. @default - the agent's default */
  readonly resources?: Resources;
  /**
   * Folders that contain the targets of the symbolic links in `/var/log/pods`. With an empty list, only `/var/log/pods`
   * is mounted.
   * @default - `/var/lib/docker/containers` and `/var/lib/containerd`
   */
  readonly logRoots?: readonly string[];
}

/** Labels that the collector itself sets on every line. Loki's limit of labels includes these labels. */
const OWN_LABELS = ['cluster', 'group', 'node', ...LINE_LABELS];
/** Label names that `streamLabels` must not contain. The label `side` distinguishes cloud nodes from edge nodes. */
const RESERVED_LABELS = [...OWN_LABELS, 'side'];

/** Validation rules and defaults of `EdgeLogCollectorProps`. */
export const EDGE_LOG_COLLECTOR_OPTIONS = {
  ...EDGE_POD_OPTIONS,
  ...LOG_SELECTION,
  sink: { rule: logSink },
  name: { rule: dnsLabel, default: 'edge-log-collector' },
  family: { rule: dnsLabel, derive: ({ name = '' }) => name },
  agent: { rule: logAgent, derive: () => defaultLogAgent() },
  group: { rule: labelValue, default: undefined },
  streamLabels: { rule: streamLabels, default: undefined },
  metrics: { rule: objectWithAtLeastFieldsRule('an EdgeMetricsAgent', 'scrape'), default: undefined },
  sending: { rule: logSending, default: {} },
  resources: { rule: resources, derive: ({ agent = defaultLogAgent() }) => agent.resources },
  logRoots: { rule: listRule(dataFolder), default: ['/var/lib/docker/containers', '/var/lib/containerd'] },
} satisfies OptionTable<EdgeLogCollectorProps>;

/** Options of an `EdgeLogCollector` after all defaults have been applied. */
export type LogCollectorOptions = Options<EdgeLogCollectorProps, typeof EDGE_LOG_COLLECTOR_OPTIONS>;

/**
 * Validates the options, and returns them with the defaults applied.
 * @throws InvalidOptionError when an option is invalid, or when the agent does not support an option.
 */
export function resolveLogCollectorOptions(
  scope: Construct,
  props: EdgeLogCollectorProps,
): LogCollectorOptions {
  const all = validateAndApplyDefaults(scope, props, EDGE_LOG_COLLECTOR_OPTIONS);
  validateLogCollectorOptions(scope, all);
  return all;
}

function validateLogCollectorOptions(scope: Construct, options: LogCollectorOptions): void {
  const { agent } = options;
  const unsupported = [
    ...agentNeedsApiServerProblems(agent),
    ...problemsOfOptionsUnsupportedByAgent(agent, options),
  ];
  if (unsupported.length) throw optionError(scope, unsupported.join('; '));
  const taken = RESERVED_LABELS.filter((name) => name in (options.streamLabels ?? {}));
  if (taken.length) {
    throw optionError(
      scope,
      `streamLabels has ${taken.join(', ')}, which the collector sets or reserves; allowed: other label names`,
    );
  }
  validateOptions(scope, { streamLabels: [options.streamLabels, maxLabelsRule(OWN_LABELS)] });
  const [[key, value]] = Object.entries(DOCKER_DRIVER_LABEL) as [[string, string]];
  if (options.nodeSelector?.[key] === value) {
    throw optionError(
      scope,
      `nodeSelector selects the nodes with the label ${key}=${value}, on which Docker sends the logs: select other nodes`,
    );
  }
}
