import type { Chart } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-25';
import {
  Alertmanager,
  ArgoCdApplications,
  BasicAuthIngress,
  DashboardResources,
  EdgeMetricsAgent,
  fromPushgateway,
  fromRemoteWrite,
  Grafana,
  LokiStack,
  Prometheus,
  RuleResources,
} from '../../lib';
import { allSettings } from '../support/settings';
import { endpoint, type Maker } from './makers';

const server = { peer: { namespace: 'shop' }, port: 8_080, admit: () => {} };

const alert = {
  alert: 'OwnAlert',
  ...{ expr: 'up == 0', for: '5m', keepFiringFor: '5m', severity: 'warning', labels: { team: 'edge' } },
  ...{ summary: '{{ $labels.node }} is down', description: 'Since {{ $value }}.' },
  runbook: 'https://wiki.example.com/a',
  mutes: [{ when: ['node!=""'], matchers: ['alertname=~"Edge.*"'], equal: ['cluster'] }],
};

const record = { record: 'own:up:count', expr: 'count(up)', description: 'Targets.', labels: { a: 'b' } };

/** Rules in PromQL. */
const rules = { ruleGroups: [{ name: 'own', interval: '1m', rules: [record, alert] }] };

/** Rules in LogQL. */
const expr = 'sum by (cluster) (count_over_time({cluster="a"}[5m])) > 1';
const lineRules = {
  ruleGroups: [
    {
      name: 'own',
      interval: '1m',
      rules: [
        { ...record, expr },
        { ...alert, expr },
      ],
    },
  ],
};

const dashboards = {
  dashboards: [
    {
      ...{ uid: 'own', title: 'Own', description: 'How it is.', range: '1h', refresh: '5m' },
      variables: ['cluster', 'group', 'node'],
      rows: [
        {
          title: 'Row',
          panels: [
            {
              ...{ kind: 'table', title: 'Up', description: 'What is up.', source: 'metrics', unit: 'short' },
              queries: [{ expr: 'up{cluster=~"$cluster"}', legend: '{{node}}' }],
              ...{ limits: { warning: 1, critical: 2 }, units: { a: 's' }, max: 9, width: 12, height: 8 },
              ...{ interval: '1m', alerts: ['EdgeNodeSilent'], emptyWhen: 'nothing runs' },
            },
          ],
        },
      ],
    },
  ],
};

const alertSink: Maker = {
  options: { alertmanagers: ['alertmanager-0.alertmanager.shop.svc:9093'] },
  given: () => ({ alertServer: server }),
  make: (chart, sink) => new Prometheus(chart, 'prometheus').addAlertSink(sink),
};

const showing = (make: (chart: Chart) => Pick<Grafana, 'addDashboards'>): Maker => ({
  options: dashboards,
  make: (chart, source) => make(chart).addDashboards(source),
});

const evaluating = (options: object, make: (chart: Chart) => Pick<Prometheus, 'addRules'>): Maker => ({
  options,
  make: (chart, source) => make(chart).addRules(source),
});

/** Methods of constructs that are given parts of others. */
export const METHODS: Readonly<Record<string, Maker>> = {
  'Alertmanager.addInhibitions': {
    options: rules,
    make: (chart, source) => new Alertmanager(chart, 'alertmanager').addInhibitions(source),
  },
  'BasicAuthIngress.expose': {
    options: {
      ...{ namespace: 'monitoring', serviceName: 'web', basePath: '/own', paths: ['/own/write'] },
      pushes: {
        ...{ methods: ['PUT', 'POST'], path: '^/own/write$', pathRule: 'write to /own/write' },
        unsupported: { contentType: 'a/b', reason: 'send something else' },
        ...{ retriesRefusedUsers: true, inFlight: 8 },
      },
      ...{ userHeader: 'X-User', groupStamp: 'extra-label' },
    },
    given: () => ({ server }),
    make: (chart, backend) =>
      new BasicAuthIngress(chart, 'ingress', {
        ...{ name: 'push', host: 'push.example.com', groups: ['north'] },
      }).expose(backend),
  },
  'DashboardResources.addDashboards': showing((chart) => new DashboardResources(chart, 'dashboards')),
  DashboardResources: {
    options: {
      ...{ name: 'own', namespace: 'shop', labels: { grafana_dashboard: '1' } },
      ...{ metrics: 'thanos', logs: 'loki', runbooks: 'https://wiki.example.com' },
    },
    make: (chart, props) =>
      new DashboardResources(chart, 'dashboards', props).addDashboards(dashboards as never),
  },
  'EdgeMetricsAgent.scrape': {
    options: {
      ...{ job: 'modem', port: 9_800, metricsPath: '/metrics', instance: 'node', interval: '1m' },
      ...{ timeout: '5s', seriesLimit: 100, onSomeNodes: true },
      targets: [{ instance: 'plc-1', params: { target: '192.0.2.7' } }],
      metricRelabeling: [{ if: '{a="b"}', action: 'drop' }],
      slowMetrics: { names: ['modem_info'], interval: '90s' },
    },
    make: (chart, target) =>
      new EdgeMetricsAgent(chart, 'agent', { sink: fromRemoteWrite(endpoint), group: 'north' }).scrape(
        target,
      ),
  },
  'Grafana.addDashboards': showing((chart) => new Grafana(chart, 'grafana')),
  'Grafana.addDataSource': {
    options: {
      dataSource: {
        ...{ name: 'Thanos', uid: 'thanos', type: 'prometheus', url: 'http://thanos.shop.svc:10902' },
        ...{ isDefault: true, jsonData: { a: 'b' }, secureJsonData: { httpHeaderValue1: 'a' } },
      },
    },
    given: () => ({ queryServer: server }),
    make: (chart, source) => new Grafana(chart, 'grafana').addDataSource(source),
  },
  'LokiStack.addAlertSink': {
    ...alertSink,
    make: (chart, sink) => new LokiStack(chart, 'loki').addAlertSink(sink),
  },
  'LokiStack.addRules': evaluating(lineRules, (chart) => new LokiStack(chart, 'loki')),
  'Prometheus.addAlertSink': alertSink,
  'Prometheus.addRules': evaluating(rules, (chart) => new Prometheus(chart, 'prometheus')),
  'Prometheus.addTarget': {
    options: {
      scrapeConfigs: [
        {
          ...{ job_name: 'own', scrape_interval: '30s', scrape_timeout: '5s', metrics_path: '/stats' },
          ...{ scheme: 'https', params: { a: ['b'] }, honor_labels: true, sample_limit: 100 },
          static_configs: [{ targets: ['own.shop.svc:8080'], labels: { a: 'b' } }],
          relabel_configs: [{ source_labels: ['a'], regex: 'b', target_label: 'c', replacement: '$1' }],
          metric_relabel_configs: [{ source_labels: ['__name__'], regex: 'go_.*', action: 'drop' }],
        },
      ],
    },
    given: () => ({ scrapeServers: [server] }),
    make: (chart, target) => new Prometheus(chart, 'prometheus').addTarget(target),
  },
  'Pushgateway.connect': {
    options: { container: 'main', group: 'north' },
    make: (chart, options) =>
      fromPushgateway(endpoint).connect(
        new Deployment(chart, 'shop', { containers: [{ image: 'ghcr.io/a/b:1' }] }),
        options,
      ),
  },
  RuleResources: {
    options: {
      ...{ name: 'own', namespace: 'shop', labels: { release: 'prometheus' } },
      runbooks: 'https://wiki.example.com',
      overrides: { OwnAlert: { severity: 'info', for: '5m' } },
    },
    make: (chart, props) => new RuleResources(chart, 'rules', props).addRules(rules as never),
  },
  'RuleResources.addRules': evaluating(rules, (chart) => new RuleResources(chart, 'rules')),
  'ArgoCdApplications by the name of a cluster': {
    options: {
      name: 'fleet',
      repository: 'https://git.example.com/a.git',
      path: 'dist',
      destination: { name: 'b' },
    },
    make: (chart, props) => new ArgoCdApplications(chart, 'applications', props).addChart(chart),
  },
  ArgoCdApplications: {
    options: {
      ...allSettings.gitOps,
      name: 'fleet',
      destination: { server: 'https://kubernetes.example.com' },
    },
    make: (chart, props) => new ArgoCdApplications(chart, 'applications', props).addChart(chart),
  },
};
