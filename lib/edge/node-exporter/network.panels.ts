import type { Panel } from '../../contracts/dashboards';
import { OF_NODE, timeseries } from '../../core/panels';

/**
 * Restricts a PromQL expression to times at which the node sent data. Samples that arrive late, after an outage, are
 * shown at the time when they were measured.
 */
export const restrictToTimesWithNodeData = (expr: string) =>
  `(${expr}) and on (cluster, node) (edge_node:fresh or up{job="edge-metrics-agent", ${OF_NODE}})`;

/**
 * Minimum step of panels about counters that agents can scrape as rarely as every two minutes. With a shorter step,
 * Grafana could compute a rate over fewer than two samples and show nothing.
 */
export const SLOW_SCRAPE_STEP = '2m';

/** Returns the panel with the traffic of each network device. */
export const networkTrafficPanel = (): Panel =>
  timeseries(
    'Network traffic',
    'Bytes per second, by device.',
    [
      {
        expr: restrictToTimesWithNodeData(
          `rate(node_network_receive_bytes_total{device!="lo", ${OF_NODE}}[$__rate_interval])`,
        ),
        legend: '{{node}} {{device}} received',
      },
      {
        expr: restrictToTimesWithNodeData(
          `rate(node_network_transmit_bytes_total{device!="lo", ${OF_NODE}}[$__rate_interval])`,
        ),
        legend: '{{node}} {{device}} sent',
      },
    ],
    { unit: 'binBps' },
  );

/** Returns the panel with the dropped and erroneous packets of each network device. */
export const networkErrorsPanel = (): Panel =>
  timeseries(
    'Network errors',
    'Packets per second that were dropped or had errors, in both directions.',
    [
      {
        expr: restrictToTimesWithNodeData(
          ['receive', 'transmit']
            .flatMap((way) => ['errs', 'drop'].map((kind) => `node_network_${way}_${kind}_total`))
            .map((name) => `rate(${name}{device!="lo", ${OF_NODE}}[$__rate_interval])`)
            .join(' + '),
        ),
        legend: '{{node}} {{device}}',
      },
    ],
    { unit: 'pps', interval: SLOW_SCRAPE_STEP, alerts: ['EdgeNetworkErrors'] },
  );

/** Returns the panel with retransmitted TCP segments, which indicate a lossy link. */
export const retransmitsPanel = (): Panel =>
  timeseries(
    'TCP retransmits',
    'Percentage of TCP segments that were retransmitted, an indicator of a lossy link.',
    [
      {
        expr: restrictToTimesWithNodeData(
          `rate(node_netstat_Tcp_RetransSegs{${OF_NODE}}[$__rate_interval]) / (rate(node_netstat_Tcp_OutSegs{${OF_NODE}}[$__rate_interval]) > 0)`,
        ),
        legend: '{{node}}',
      },
    ],
    { unit: 'percentunit', interval: SLOW_SCRAPE_STEP },
  );

/** Returns the panel with the daily traffic over metered links. */
export const uplinkTrafficPanel = (): Panel =>
  timeseries(
    'Uplink traffic per day',
    'Bytes over the metered link within a day in both directions, and the budget.',
    [
      { expr: `edge_node:uplink_bytes:increase1d{${OF_NODE}}`, legend: '{{node}}' },
      {
        expr: `edge_node:uplink_budget:bytes and on () edge_node:uplink_bytes:increase1d{${OF_NODE}}`,
        legend: 'budget',
        isLimit: true,
      },
    ],
    {
      unit: 'bytes',
      width: 12,
      alerts: ['EdgeUplinkOverBudget'],
      emptyWhen: 'no network device matches uplinkDevices',
    },
  );

/** Returns the panel with the daily traffic between the agents of a node and the cloud. */
export const telemetryTrafficPanel = (): Panel =>
  timeseries(
    'Telemetry traffic per day',
    'Traffic of the metrics agent and the log collector within a day, and the budget if the node group has a budget.',
    [
      { expr: `edge_node:telemetry_bytes:increase1d{${OF_NODE}}`, legend: '{{node}}' },
      {
        expr: `edge_group:telemetry_budget:bytes{group=~"$group"} and on (group) edge_node:last_seen:timestamp{${OF_NODE}}`,
        legend: 'budget {{group}}',
        isLimit: true,
      },
    ],
    {
      unit: 'bytes',
      width: 12,
      alerts: ['EdgeTelemetryOverBudget'],
      emptyWhen: 'the node pushes to a Pushgateway, so the traffic is not measured',
    },
  );
