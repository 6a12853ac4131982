import type { DashboardSource, Panel } from '../../contracts/dashboards';
import { OF_CLUSTER, OF_NODE, stat, table, timeseries, topFiveSeriesExpr } from '../../core/panels';

const NO_SERVICES = 'no service pushes to the agent of its node';
const NEEDS_AGENT = 'no EdgeMetricsAgent sends metrics';
const NEEDS_PUSHGATEWAY = 'there is no Pushgateway';
const NEEDS_GATEWAY = 'there is no MetricsGateway';

const timeSinceLastDataPanel = (): Panel =>
  timeseries(
    'Time since last data',
    'The five nodes with the oldest last sample. The time of the last sample is evaluated every two minutes, so a node that pushes every 10 s stays below about 140 s.',
    [{ expr: topFiveSeriesExpr(`time() - edge_node:last_seen:timestamp{${OF_NODE}}`), legend: '{{node}}' }],
    { unit: 's', width: 12, alerts: ['EdgeNodeSilent'] },
  );

const pushgatewayRequestsPanel = (): Panel =>
  timeseries(
    'Push requests',
    'Push requests per second to the Pushgateways, by status code.',
    [
      {
        expr: `sum by (job, code) (rate(pushgateway_http_requests_total{handler="push", ${OF_CLUSTER}}[$__rate_interval]))`,
        legend: '{{job}} {{code}}',
      },
    ],
    { unit: 'reqps', alerts: ['EdgePushesRefused'], emptyWhen: NEEDS_PUSHGATEWAY },
  );

const pushSizePanel = (): Panel =>
  timeseries(
    'Push size',
    'Average size of the compressed body of push requests.',
    [
      {
        expr: `sum by (job) (rate(pushgateway_http_push_size_bytes_sum{${OF_CLUSTER}}[$__rate_interval])) / sum by (job) (rate(pushgateway_http_push_size_bytes_count{${OF_CLUSTER}}[$__rate_interval]))`,
        legend: '{{job}}',
      },
    ],
    { unit: 'bytes', width: 6, emptyWhen: NEEDS_PUSHGATEWAY },
  );

const metricGroupCountPanel = (): Panel =>
  stat(
    'Groups',
    'Number of metric groups (grouping keys) per Pushgateway: about one for each exporter and node.',
    [{ expr: `pushgateway:groups:count{${OF_CLUSTER}}`, legend: '{{pushgateway}}' }],
    {
      limits: { warning: 800, critical: 1_200 },
      height: 8,
      alerts: ['PushgatewayNearLimit'],
      emptyWhen: NEEDS_PUSHGATEWAY,
    },
  );

const pushgatewayScrapeDurationPanel = (): Panel =>
  timeseries(
    'Pushgateway scrape duration',
    'Time that Prometheus needs to scrape a Pushgateway; the timeout is 10 s.',
    [
      {
        expr: `scrape_duration_seconds{job=~"pushgateway.*", node="", ${OF_CLUSTER}}`,
        legend: '{{job}}',
      },
    ],
    { unit: 's', width: 6, alerts: ['PushgatewaySlow'], emptyWhen: NEEDS_PUSHGATEWAY },
  );

const clockOffsetPanel = (): Panel =>
  timeseries(
    'Clock offset',
    'Clock offset of the five nodes with the largest offset, measured when a node pushes.',
    [
      {
        expr: topFiveSeriesExpr(`abs(edge_push:clock_offset:seconds{${OF_NODE}})`),
        legend: '{{node}}',
      },
    ],
    { unit: 's', width: 12, alerts: ['EdgeClockSkewed'], emptyWhen: 'all nodes use remote write' },
  );

const unknownNodesTable = (): Panel =>
  table(
    'Unknown nodes',
    'Node names that send metrics without being part of the fleet, with the label `group` of their samples. Shows the 20 names with the most exporters and agents.',
    [
      {
        expr: `topk(20, count by (cluster, group, node) (((push_time_seconds{pushgateway!="", ${OF_CLUSTER}} > time() - 300) or up{job="edge-metrics-agent", ${OF_CLUSTER}}) unless on (cluster, node) edge_node:member))`,
        legend: 'exporters and agents',
      },
    ],
    {
      width: 24,
      alerts: ['EdgeNodesUnknown'],
      emptyWhen: 'all nodes that send metrics are part of the fleet',
    },
  );

const agentQueuePanel = (): Panel =>
  timeseries(
    'Agent queue size',
    'Bytes of samples queued on devices, for the five nodes with the largest queues.',
    [
      {
        expr: topFiveSeriesExpr(
          `max by (node) (vmagent_remotewrite_pending_data_bytes{${OF_NODE}, node!=""})`,
        ),
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

const bytesSentByAgentsPanel = (): Panel =>
  timeseries(
    'Bytes sent by agents',
    'Remote-write bytes per second, for the five nodes that send the most.',
    [
      {
        expr: topFiveSeriesExpr(
          `sum by (node) (rate(vmagent_remotewrite_bytes_sent_total{${OF_NODE}, node!=""}[$__rate_interval]))`,
        ),
        legend: '{{node}}',
      },
    ],
    { unit: 'binBps', width: 6, emptyWhen: NEEDS_AGENT },
  );

const rejectedSamplesPanel = (): Panel =>
  timeseries(
    'Rejected samples',
    'Rejected samples per second, by reason, for the five nodes with the most rejected samples.',
    [
      {
        expr: topFiveSeriesExpr(
          `sum by (node, reason) (rate(metrics_gateway_filter_samples_dropped_total{${OF_NODE}}[$__rate_interval]))`,
        ),
        legend: '{{node}} {{reason}}',
      },
    ],
    { unit: 'cps', width: 6, alerts: ['EdgeSamplesRefused'], emptyWhen: 'no sample was rejected' },
  );

const timeSinceLastServicePushPanel = (): Panel =>
  timeseries(
    'Time since last service push',
    'Time since a service last pushed to the agent of its node or to a gateway, for the five services that have been silent the longest.',
    [
      {
        expr: topFiveSeriesExpr(`time() - edge_service:push:timestamp{${OF_NODE}}`),
        legend: '{{node}} {{job}}',
      },
    ],
    {
      unit: 's',
      width: 12,
      alerts: ['EdgeServiceSilent'],
      emptyWhen: NO_SERVICES,
    },
  );

const rejectedServicePushesPanel = (): Panel =>
  timeseries(
    'Rejected service pushes',
    'Rate at which agents and gateways reject pushes of services, by reason. Shows the five services with the most rejected pushes.',
    [
      {
        expr: topFiveSeriesExpr(
          `sum by (node, job, reason) (${['edge', 'metrics_gateway_limiter'].map((from) => `rate(${from}_pushes_refused_total{${OF_NODE}}[$__rate_interval])`).join(' or ')})`,
        ),
        legend: '{{node}} {{job}} {{reason}}',
      },
    ],
    { unit: 'cps', width: 12, alerts: ['EdgePushesRefused'], emptyWhen: NO_SERVICES },
  );

const gatewayQueuePanel = (): Panel =>
  timeseries(
    'Gateway queue size',
    'Bytes of samples that the gateways have queued for the metrics store.',
    [{ expr: `vmagent_remotewrite_pending_data_bytes{node="", ${OF_CLUSTER}}`, legend: '{{instance}}' }],
    {
      unit: 'bytes',
      width: 6,
      alerts: ['MetricsGatewayQueueGrowing', 'MetricsGatewayDropping'],
      emptyWhen: NEEDS_GATEWAY,
    },
  );

/** Returns the dashboard about the transport of samples to the cloud, by Pushgateway and by remote write. */
export const pushesDashboard = (): DashboardSource => ({
  dashboards: [
    {
      uid: 'edge-pushes',
      title: 'Edge: pushes and agents',
      description: 'Transport of samples from the edge to the cloud: pushes, agents, gateways.',
      rows: [
        { title: 'Nodes', panels: [timeSinceLastDataPanel(), clockOffsetPanel()] },
        {
          title: 'Pushes',
          panels: [
            metricGroupCountPanel(),
            pushgatewayRequestsPanel(),
            pushSizePanel(),
            pushgatewayScrapeDurationPanel(),
          ],
        },
        {
          title: 'Remote write',
          panels: [agentQueuePanel(), bytesSentByAgentsPanel(), rejectedSamplesPanel(), gatewayQueuePanel()],
        },
        { title: 'Services', panels: [timeSinceLastServicePushPanel(), rejectedServicePushesPanel()] },
        // This row is last, because it is rarely needed and its table can be long.
        { title: 'Unknown senders', panels: [unknownNodesTable()] },
      ],
    },
  ],
});
