import type { RuleSource } from '../../contracts/rules';
import { recordingRule } from '../../core/alerts';
import { quantity } from '../../core/option-rules';
import {
  defineNumberThreshold,
  durationThreshold,
  type ThresholdTable,
  validateAndApplyThresholdDefaults,
} from '../../core/thresholds';
import { type Duration, type Quantity, toBytes, toSeconds } from '../../core/units';
import { edgeAlert, NODE_LABELS, NODE_TEXT } from '../edge-alert';

/** Thresholds of the alerts about metrics agents. */
export interface MetricsAgentThresholds {
  /**
   * Size of the queue on a device, above which EdgeAgentQueueGrowing fires while the node sends data and the queue does
   * not shrink.
   * @default "64Mi"
   */
  readonly agentQueue: Quantity;
  /**
   * Free space on the disk of the agent's queue, below which EdgeAgentDiskLow fires. Below 16Mi, the agent stops
   * scraping while samples wait to be sent.
   * @default "64Mi"
   */
  readonly agentDisk: Quantity;
  /**
   * Number of samples of a node that the store rejects for one reason within 15 minutes, above which
   * EdgeSamplesRefused fires. The gateway drops and counts these samples.
   * @default 100
   */
  readonly droppedSamples: number;
  /**
   * Time without a push after which EdgeServiceSilent fires for a job that pushes to the agent of its node or to a
   * gateway.
   * @default "15m"
   */
  readonly silentService: Duration;
}

/** Validation rules and defaults of `MetricsAgentThresholds`. */
export const METRICS_AGENT_THRESHOLDS: ThresholdTable<MetricsAgentThresholds> = {
  agentQueue: { default: '64Mi', rule: quantity },
  agentDisk: { default: '64Mi', rule: quantity },
  droppedSamples: defineNumberThreshold(1, 1_000_000_000, 100, 'samples'),
  silentService: durationThreshold('15m'),
};

/** Time without a push, in seconds, after which a service counts as removed and EdgeServiceSilent resolves. */
const FORGOTTEN_SECONDS = 6 * 3_600;

/**
 * Returns alerts about metrics agents (queue, disk, dropped and rejected samples, and services that stopped pushing),
 * and a recording rule for these alerts.
 * The rules use vmagent's metrics (https://docs.victoriametrics.com/victoriametrics/vmagent/#monitoring) and the
 * gateway's counters.
 */
export function alertAndRecordingRulesAboutMetricsAgent(
  given: Partial<MetricsAgentThresholds> = {},
): RuleSource {
  const limits = validateAndApplyThresholdDefaults('edge-agents', METRICS_AGENT_THRESHOLDS, given);
  return {
    ruleGroups: [
      {
        name: 'edge-agents',
        // An agent scrapes itself once a minute, so a shorter interval is not useful.
        interval: '1m',
        rules: [
          recordingRule(
            'edge_service:push:timestamp',
            'Unix timestamp of the last push of each job to an agent or a gateway. Omits jobs whose last push is more than six hours ago',
            `(
  max by (${NODE_LABELS}, job) (push_time_seconds{pushgateway="", node!=""})
  or edge_service:push:timestamp > time() - ${FORGOTTEN_SECONDS}
)
and on (cluster, node) edge_node:member`,
          ),
          edgeAlert('EdgeServiceSilent', {
            severity: 'warning',
            // After an outage, the node's own samples arrive a little earlier than the pushes of its services.
            for: '5m',
            expr: `time() - edge_service:push:timestamp > ${toSeconds(limits.silentService)}`,
            summary: `Service {{ $labels.job }} is silent: ${NODE_TEXT}`,
            description: `Service {{ $labels.job }} of ${NODE_TEXT} has not pushed metrics for {{ $value | humanizeDuration }}, although the node sends data.`,
          }),
          edgeAlert('EdgeAgentQueueGrowing', {
            severity: 'warning',
            for: '30m',
            expr: `max by (${NODE_LABELS}) (vmagent_remotewrite_pending_data_bytes) > ${toBytes(limits.agentQueue)}
and max by (${NODE_LABELS}) (deriv(vmagent_remotewrite_pending_data_bytes[30m])) >= 0`,
            summary: `Queue of the metrics agent is growing: ${NODE_TEXT}`,
            description: `{{ $value | humanize1024 }}B of samples are queued on ${NODE_TEXT}, and the queue does not shrink: the uplink is too slow, or the gateway rejects the samples.`,
          }),
          edgeAlert('EdgeAgentDiskLow', {
            severity: 'critical',
            for: '5m',
            expr: `min by (${NODE_LABELS}) (vm_persistentqueue_free_disk_space_bytes) < ${toBytes(limits.agentDisk)}`,
            summary: `Disk of the metrics agent is almost full: ${NODE_TEXT}`,
            description: `{{ $value | humanize1024 }}B is free on the disk where the metrics agent of ${NODE_TEXT} queues samples during an outage. Below 16 MiB, the agent stops scraping while samples wait to be sent.`,
          }),
          edgeAlert('EdgeAgentDropping', {
            severity: 'critical',
            // Sending a full queue takes hours, and the counter of dropped samples arrives with the last samples.
            expr: `max by (${NODE_LABELS}) (increase(vm_persistentqueue_bytes_dropped_total[3h])) > 0
or max by (${NODE_LABELS}) (increase(vmagent_remotewrite_packets_dropped_total[3h])) > 0`,
            summary: `Metrics agent drops samples: ${NODE_TEXT}`,
            description: `The metrics agent of ${NODE_TEXT} dropped samples within 3 hours: the queue is full, or the gateway permanently rejects the samples.`,
          }),
          edgeAlert('EdgeSamplesRefused', {
            severity: 'warning',
            for: '5m',
            expr: `sum by (${NODE_LABELS}, reason) (increase(metrics_gateway_filter_samples_dropped_total{node!=""}[15m])) > ${limits.droppedSamples}`,
            summary: `Samples rejected: ${NODE_TEXT}`,
            description: `{{ $value | humanize }} samples of ${NODE_TEXT} were rejected by the store within 15 minutes ({{ $labels.reason }}).`,
          }),
        ],
      },
    ],
  };
}
