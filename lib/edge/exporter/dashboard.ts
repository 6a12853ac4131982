import type { DashboardSource, Panel } from '../../contracts/dashboards';
import { OF_CLUSTER, OF_NODE, stat, table, timeseries, worst } from '../../core/panels';

const NEEDS_AGENT = 'no EdgeMetricsAgent writes';
const NEEDS_PUSHGATEWAY = 'there is no Pushgateway';
const NEEDS_GATEWAY = 'there is no MetricsGateway';

const ages = (): Panel =>
  timeseries(
    'Time since nodes were heard of',
    'The five longest. They are read every two minutes, so that a node that pushes every ten seconds stays below about 140.',
    [{ expr: worst(`time() - edge_node:last_seen:timestamp{${OF_NODE}}`), legend: '{{node}}' }],
    { unit: 's', width: 12, alerts: ['EdgeNodeSilent'] },
  );

const pushes = (): Panel =>
  timeseries(
    'Pushes by answer',
    'Requests that the Pushgateways answered, a second.',
    [
      {
        expr: `sum by (job, code) (rate(pushgateway_http_requests_total{handler="push", ${OF_CLUSTER}}[$__rate_interval]))`,
        legend: '{{job}} {{code}}',
      },
    ],
    { unit: 'reqps', alerts: ['EdgePushesRefused'], emptyWhen: NEEDS_PUSHGATEWAY },
  );

const bodies = (): Panel =>
  timeseries(
    'Size of a push',
    'Bytes of the body on average, as it came over the link.',
    [
      {
        expr: `sum by (job) (rate(pushgateway_http_push_size_bytes_sum{${OF_CLUSTER}}[$__rate_interval])) / sum by (job) (rate(pushgateway_http_push_size_bytes_count{${OF_CLUSTER}}[$__rate_interval]))`,
        legend: '{{job}}',
      },
    ],
    { unit: 'bytes', width: 6, emptyWhen: NEEDS_PUSHGATEWAY },
  );

const groups = (): Panel =>
  stat(
    'Groups',
    'Groups that the Pushgateways hold, about one for each exporter and node.',
    [{ expr: `pushgateway:groups:count{${OF_CLUSTER}}`, legend: '{{pushgateway}}' }],
    {
      limits: { warning: 800, critical: 1_200 },
      height: 8,
      alerts: ['PushgatewayNearLimit'],
      emptyWhen: NEEDS_PUSHGATEWAY,
    },
  );

const reading = (): Panel =>
  timeseries(
    'Reading the Pushgateways',
    'How long Prometheus needs; it gives up after ten seconds.',
    [
      {
        expr: `scrape_duration_seconds{job=~"pushgateway.*", node="", ${OF_CLUSTER}}`,
        legend: '{{job}}',
      },
    ],
    { unit: 's', width: 6, alerts: ['PushgatewaySlow'], emptyWhen: NEEDS_PUSHGATEWAY },
  );

const clocks = (): Panel =>
  timeseries(
    'Clocks that are off',
    'The five worst, as measured when a node pushes.',
    [
      {
        expr: worst(`abs(edge_push:clock_offset:seconds{${OF_NODE}})`),
        legend: '{{node}}',
      },
    ],
    { unit: 's', width: 12, alerts: ['EdgeClockSkewed'], emptyWhen: 'all nodes write remotely' },
  );

const unknown = (): Panel =>
  table(
    'Unknown nodes',
    'Names that send metrics and are no nodes of the fleet, by the group that they say: the twenty with the most series of signs of life.',
    [
      {
        expr: `topk(20, count by (cluster, group, node) (((push_time_seconds{pushgateway!="", ${OF_CLUSTER}} > time() - 300) or up{job="edge-metrics-agent", ${OF_CLUSTER}}) unless on (cluster, node) edge_node:member))`,
        legend: 'exporters and agents',
      },
    ],
    { width: 24, alerts: ['EdgeNodesUnknown'], emptyWhen: 'all nodes that send metrics are of the fleet' },
  );

const waiting = (): Panel =>
  timeseries(
    'Samples that wait on devices',
    'The five largest queues.',
    [
      {
        expr: worst(`max by (node) (vmagent_remotewrite_pending_data_bytes{${OF_NODE}, node!=""})`),
        legend: '{{node}}',
      },
    ],
    {
      unit: 'bytes',
      width: 6,
      alerts: ['EdgeAgentQueueGrowing', 'EdgeAgentDropping'],
      emptyWhen: NEEDS_AGENT,
    },
  );

const sent = (): Panel =>
  timeseries(
    'Sent by agents',
    'Bytes of batches a second, of the five nodes that send most.',
    [
      {
        expr: worst(
          `sum by (node) (rate(vmagent_remotewrite_bytes_sent_total{${OF_NODE}, node!=""}[$__rate_interval]))`,
        ),
        legend: '{{node}}',
      },
    ],
    { unit: 'binBps', width: 6, emptyWhen: NEEDS_AGENT },
  );

const refused = (): Panel =>
  timeseries(
    'Samples that were refused',
    'Of the five nodes with the most, by reason, a second.',
    [
      {
        expr: worst(
          `sum by (node, reason) (rate(metrics_gateway_filter_samples_dropped_total{${OF_NODE}}[$__rate_interval]))`,
        ),
        legend: '{{node}} {{reason}}',
      },
    ],
    { unit: 'cps', width: 6, alerts: ['EdgeSamplesRefused'], emptyWhen: 'no sample was refused' },
  );

const gateway = (): Panel =>
  timeseries(
    'Queue of the gateway',
    'Samples that wait for the store.',
    [{ expr: `vmagent_remotewrite_pending_data_bytes{node="", ${OF_CLUSTER}}`, legend: '{{instance}}' }],
    {
      unit: 'bytes',
      width: 6,
      alerts: ['MetricsGatewayQueueGrowing', 'MetricsGatewayDropping'],
      emptyWhen: NEEDS_GATEWAY,
    },
  );

/** Returns the dashboard about the transport of samples to the cloud, for both transports. */
export const pushesDashboard = (): DashboardSource => ({
  dashboards: [
    {
      uid: 'edge-pushes',
      title: 'Edge: pushes and agents',
      description: 'How samples get from the edge to the cloud: pushes, agents, gateways.',
      rows: [
        { title: 'Nodes', panels: [ages(), clocks()] },
        { title: 'Pushes', panels: [groups(), pushes(), bodies(), reading()] },
        { title: 'Remote write', panels: [waiting(), sent(), refused(), gateway()] },
        // The last row, since it is rarely needed and may be large.
        { title: 'Strangers', panels: [unknown()] },
      ],
    },
  ],
});
