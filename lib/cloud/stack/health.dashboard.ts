import type { DashboardSource, Panel, PanelQuery } from '../../contracts/dashboards';
import { OF_CLUSTER, stat, table, timeseries, topFiveSeriesExpr } from '../../core/panels';
import type { StorePanels } from '../store-panels';

const targetsDownPanel = (): Panel =>
  table(
    'Targets down',
    'Targets that cannot be scraped.',
    [{ expr: `up{node="", ${OF_CLUSTER}} == 0`, legend: 'up' }],
    { width: 8, alerts: ['TargetDown'], emptyWhen: 'all targets are up' },
  );

const replicasUpPanel = (): Panel =>
  stat(
    'Components',
    'Number of replicas that are up, by component.',
    [{ expr: `sum by (job) (up{node="", ${OF_CLUSTER}})`, legend: '{{job}}' }],
    { limits: { warning: 1, critical: 0.5 }, width: 8, height: 8 },
  );

const firingAlertsPanel = (): Panel =>
  table(
    'Alerts',
    'Firing alerts about the cloud components.',
    [
      {
        // Alerts about something that is absent have no label `cluster`.
        expr: `count by (severity, alertname, job) (ALERTS{alertstate="firing", node="", alertname!="Watchdog", cluster=~"$cluster|"})`,
        legend: 'firing',
      },
    ],
    { width: 8, emptyWhen: 'no alert is firing' },
  );

const scrapeDurationPanel = (): Panel =>
  timeseries(
    'Scrape duration',
    'Scrape duration of the five slowest jobs.',
    [
      {
        expr: topFiveSeriesExpr(`max by (job) (scrape_duration_seconds{node="", ${OF_CLUSTER}})`),
        legend: '{{job}}',
      },
    ],
    { unit: 's' },
  );

const alertNotificationsPanel = (): Panel =>
  timeseries(
    'Notifications',
    'Notifications of Alertmanager per minute, by integration: all notifications, and failed notifications.',
    [
      {
        expr: `sum by (integration) (rate(alertmanager_notifications_total{${OF_CLUSTER}}[$__rate_interval])) * 60`,
        legend: '{{integration}}',
      },
      {
        expr: `sum by (integration) (rate(alertmanager_notifications_failed_total{${OF_CLUSTER}}[$__rate_interval])) * 60`,
        legend: '{{integration}} failed',
      },
    ],
    { unit: 'cpm', alerts: ['AlertmanagerNotificationsFailing'] },
  );

const lokiRequestsPanel = (): Panel =>
  timeseries(
    'Loki requests',
    'Requests to Loki per second, by route and status code.',
    [
      {
        expr: `sum by (route, status_code) (rate(loki_request_duration_seconds_count{${OF_CLUSTER}}[$__rate_interval]))`,
        legend: '{{route}} {{status_code}}',
      },
    ],
    { unit: 'reqps', alerts: ['LokiRequestErrors'] },
  );

const rejectedLogLinesPanel = (): Panel =>
  timeseries(
    'Log lines rejected by Loki',
    'Rejected log lines per second, by tenant and reason.',
    [
      {
        expr: `sum by (tenant, reason) (rate(loki_discarded_samples_total{${OF_CLUSTER}}[$__rate_interval]))`,
        legend: '{{tenant}} {{reason}}',
      },
    ],
    { unit: 'cps', alerts: ['LokiIngestionRefused'], emptyWhen: 'no line was rejected' },
  );

const LOKI_LATENCY_QUERY: PanelQuery = {
  expr: `histogram_quantile(0.99, sum by (job, route, le) (rate(loki_request_duration_seconds_bucket{route=~"loki_api_v1_(push|query|query_range)", ${OF_CLUSTER}}[$__rate_interval])))`,
  legend: '{{job}} {{route}}',
};

const queryAndPushLatencyPanel = (queryDuration?: PanelQuery): Panel =>
  timeseries(
    'Request latency (p99)',
    'Duration of queries, and of pushes to Loki (99th percentile).',
    queryDuration ? [queryDuration, LOKI_LATENCY_QUERY] : [LOKI_LATENCY_QUERY],
    { unit: 's' },
  );

const refusedCertificatesPanel = (): Panel =>
  timeseries(
    'Refused certificates of nodes',
    'Requests per minute that node admission refused, by reason and node.',
    [
      {
        expr: `sum by (reason, node) (rate(node_admission_refused_total{${OF_CLUSTER}}[$__rate_interval])) * 60`,
        legend: '{{reason}} {{node}}',
      },
    ],
    { unit: 'cpm', alerts: ['NodeCertificateRefused'], emptyWhen: 'no certificate was refused' },
  );

/**
 * Returns a PromQL expression that adds the label `replica` to the series of `expr`. The value is a hyphen and the
 * number of the replica, such as `-1`, from the label `instance`. If `instance` has no number, no label is added.
 */
const addReplicaLabelToExpr = (expr: string): string =>
  `label_replace(${expr}, "replica", "$1", "instance", "[^.:]+(-[0-9]+)[.:].*")`;

const memoryUsagePanel = (): Panel =>
  timeseries(
    'Memory usage',
    'Resident memory of each process.',
    [
      {
        expr: addReplicaLabelToExpr(`process_resident_memory_bytes{node="", ${OF_CLUSTER}}`),
        legend: '{{job}}{{replica}}',
      },
    ],
    { unit: 'bytes', width: 12 },
  );

const cpuUsagePanel = (): Panel =>
  timeseries(
    'CPU usage',
    'CPU cores used by each process.',
    [
      {
        expr: addReplicaLabelToExpr(
          `rate(process_cpu_seconds_total{node="", ${OF_CLUSTER}}[$__rate_interval])`,
        ),
        legend: '{{job}}{{replica}}',
      },
    ],
    { unit: 'suffix:cores', width: 12 },
  );

/** Returns the dashboard about the health of the cloud components. */
export const stackHealthDashboard = ({ ruleDuration, queryDuration }: StorePanels): DashboardSource => ({
  dashboards: [
    {
      uid: 'edge-stack',
      title: 'Edge: cloud stack health',
      description: 'Health of the cloud components: Prometheus, Loki, Alertmanager and others.',
      variables: ['cluster'],
      rows: [
        { title: 'Health', panels: [replicasUpPanel(), firingAlertsPanel(), targetsDownPanel()] },
        {
          title: 'Performance',
          panels: [
            ...(ruleDuration ? [ruleDuration] : []),
            scrapeDurationPanel(),
            alertNotificationsPanel(),
            queryAndPushLatencyPanel(queryDuration),
            lokiRequestsPanel(),
            rejectedLogLinesPanel(),
            refusedCertificatesPanel(),
          ],
        },
        { title: 'Resources', panels: [memoryUsagePanel(), cpuUsagePanel()] },
      ],
    },
  ],
});
