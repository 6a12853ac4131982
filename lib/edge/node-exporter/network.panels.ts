import type { Panel } from '../../contracts/dashboards';
import { OF_NODE, timeseries } from '../../core/panels';

/**
 * Restricts an expression to nodes that were not silent at each point in time. Late samples count for the
 * time when they were measured.
 */
export const onlyFresh = (expr: string) =>
  `(${expr}) and on (cluster, node) (edge_node:fresh or up{job="edge-metrics-agent", ${OF_NODE}})`;

/**
 * Minimum interval between two points of counters that agents scrape at most every two minutes, since a rate
 * needs two samples.
 */
export const SLOW_SCRAPES = '2m';

/** Panel of the traffic of each network device. */
export const networkTrafficPanel = (): Panel =>
  timeseries(
    'Network traffic',
    'Bytes per second, by device.',
    [
      {
        expr: onlyFresh(`rate(node_network_receive_bytes_total{device!="lo", ${OF_NODE}}[$__rate_interval])`),
        legend: '{{node}} {{device}} received',
      },
      {
        expr: onlyFresh(
          `rate(node_network_transmit_bytes_total{device!="lo", ${OF_NODE}}[$__rate_interval])`,
        ),
        legend: '{{node}} {{device}} sent',
      },
    ],
    { unit: 'binBps' },
  );

/** Panel of dropped and erroneous packets of each network device. */
export const networkErrorsPanel = (): Panel =>
  timeseries(
    'Network errors',
    'Packets per second with errors or dropped, in both directions.',
    [
      {
        expr: onlyFresh(
          ['receive', 'transmit']
            .flatMap((way) => ['errs', 'drop'].map((kind) => `node_network_${way}_${kind}_total`))
            .map((name) => `rate(${name}{device!="lo", ${OF_NODE}}[$__rate_interval])`)
            .join(' + '),
        ),
        legend: '{{node}} {{device}}',
      },
    ],
    { unit: 'pps', interval: SLOW_SCRAPES, alerts: ['EdgeNetworkErrors'] },
  );

/** Panel of retransmitted TCP segments, the first sign of a lossy link. */
export const retransmitsPanel = (): Panel =>
  timeseries(
    'TCP retransmits',
    'Percentage of TCP segments that were retransmitted, an indicator of a lossy link.',
    [
      {
        expr: onlyFresh(
          `rate(node_netstat_Tcp_RetransSegs{${OF_NODE}}[$__rate_interval]) / (rate(node_netstat_Tcp_OutSegs{${OF_NODE}}[$__rate_interval]) > 0)`,
        ),
        legend: '{{node}}',
      },
    ],
    { unit: 'percentunit', interval: SLOW_SCRAPES },
  );

/** Panel of the daily traffic over metered links. */
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

/** Panel of the traffic between the agents of this stack and the cloud. */
export const telemetryTrafficPanel = (): Panel =>
  timeseries(
    'Telemetry traffic per day',
    'Traffic of the metrics agent and the log collector within a day, and their budget.',
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
      emptyWhen: 'the node pushes to a Pushgateway; a budget is shown where its group has one',
    },
  );
