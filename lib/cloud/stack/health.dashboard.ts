import type { DashboardSource, Panel } from '../../contracts/dashboards';
import { OF_CLUSTER, stat, table, timeseries, worst } from '../../core/panels';

const targets = (): Panel =>
  table(
    'Targets that cannot be read',
    'What Prometheus does not reach.',
    [{ expr: `up{node="", ${OF_CLUSTER}} == 0`, legend: 'up' }],
    { width: 8, alerts: ['TargetDown'], emptyWhen: 'all targets are read' },
  );

const up = (): Panel =>
  stat(
    'Components',
    'Replicas of each component that are read.',
    [{ expr: `sum by (job) (up{node="", ${OF_CLUSTER}})`, legend: '{{job}}' }],
    { limits: { warning: 1, critical: 0.5 }, width: 8, height: 8 },
  );

const firing = (): Panel =>
  table(
    'Alerts',
    'What fires about the cloud side now.',
    [
      {
        expr: `count by (severity, alertname, job) (ALERTS{alertstate="firing", node="", alertname!="Watchdog"})`,
        legend: 'firing',
      },
    ],
    { width: 8, emptyWhen: 'nothing fires' },
  );

const rules = (): Panel =>
  timeseries(
    'Evaluating rules',
    'Time that the last evaluation of a group took, of the five slowest.',
    [
      {
        expr: worst(
          `label_replace(prometheus_rule_group_last_duration_seconds{${OF_CLUSTER}}, "name", "$1", "rule_group", ".*;(.*)")`,
        ),
        legend: '{{name}}',
      },
    ],
    { unit: 's', alerts: ['PrometheusRulesSlow', 'PrometheusRuleFailures'] },
  );

const scrapes = (): Panel =>
  timeseries(
    'Reading targets',
    'The five slowest.',
    [{ expr: worst(`max by (job) (scrape_duration_seconds{node="", ${OF_CLUSTER}})`), legend: '{{job}}' }],
    { unit: 's' },
  );

const notifications = (): Panel =>
  timeseries(
    'Notifications',
    'What Alertmanager sent a minute, and what failed.',
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

const loki = (): Panel =>
  timeseries(
    'Loki by answer',
    'Requests a second.',
    [
      {
        expr: `sum by (route, status_code) (rate(loki_request_duration_seconds_count{${OF_CLUSTER}}[$__rate_interval]))`,
        legend: '{{route}} {{status_code}}',
      },
    ],
    { unit: 'reqps', alerts: ['LokiRequestErrors'] },
  );

const lines = (): Panel =>
  timeseries(
    'Lines that Loki refused',
    'By reason, a second.',
    [
      {
        expr: `sum by (tenant, reason) (rate(loki_discarded_samples_total{${OF_CLUSTER}}[$__rate_interval]))`,
        legend: '{{tenant}} {{reason}}',
      },
    ],
    { unit: 'cps', alerts: ['LokiIngestionRefused'], emptyWhen: 'no line was refused' },
  );

const answers = (): Panel =>
  timeseries(
    'Time of an answer',
    'Of a hundred queries 99 take less, of pushes of lines, too.',
    [
      {
        expr: `max by (job) (prometheus_engine_query_duration_seconds{slice="inner_eval", quantile="0.99", ${OF_CLUSTER}})`,
        legend: '{{job}} query',
      },
      {
        expr: `histogram_quantile(0.99, sum by (job, route, le) (rate(loki_request_duration_seconds_bucket{route=~"loki_api_v1_(push|query|query_range)", ${OF_CLUSTER}}[$__rate_interval])))`,
        legend: '{{job}} {{route}}',
      },
    ],
    { unit: 's' },
  );

/** Names replicas by the number at the start of their address; a single replica has none. */
const ofPods = (expr: string): string =>
  `label_replace(${expr}, "replica", "$1", "instance", "[^.:]+(-[0-9]+)[.:].*")`;

const memory = (): Panel =>
  timeseries(
    'Memory of components',
    'What each process holds.',
    [{ expr: ofPods(`process_resident_memory_bytes{node="", ${OF_CLUSTER}}`), legend: '{{job}}{{replica}}' }],
    { unit: 'bytes', width: 12 },
  );

const processor = (): Panel =>
  timeseries(
    'Processor of components',
    'Cores that each process uses.',
    [
      {
        expr: ofPods(`rate(process_cpu_seconds_total{node="", ${OF_CLUSTER}}[$__rate_interval])`),
        legend: '{{job}}{{replica}}',
      },
    ],
    { unit: 'suffix:cores', width: 12 },
  );

/** Returns the dashboard about the health of the cloud side. */
export const stackDashboard = (): DashboardSource => ({
  dashboards: [
    {
      uid: 'edge-stack',
      title: 'Edge: cloud stack health',
      description: 'What receives, stores, shows and alerts: is it well itself?',
      variables: ['cluster'],
      rows: [
        { title: 'Health', panels: [up(), firing(), targets()] },
        { title: 'Work', panels: [rules(), scrapes(), notifications(), answers(), loki(), lines()] },
        { title: 'Resources', panels: [memory(), processor()] },
      ],
    },
  ],
});
