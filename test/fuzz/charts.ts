import type { App } from 'cdk8s';
import {
  CloudChart,
  certManagerMetrics,
  dingTalk,
  EdgeChart,
  envoyGateway,
  GitOpsChart,
  promtail,
  proxy,
  type Settings,
  singleBinary,
  traefik,
} from '../../lib';
import { allSettings, minimalSettings } from '../support/settings';
import { OTHER_LOG_AGENT } from './makers';

const { edge } = allSettings;

/** Settings of all that there is, and of choices that exclude one another. */
export const SETTINGS: Readonly<Record<string, Settings>> = {
  minimalSettings,
  allSettings,
  'the least by remote write': { ...minimalSettings, edge: { transport: 'remote-write', profile: 'lean' } },
  'remote write': {
    ...allSettings,
    ingress: {
      ...{ tls: { issuer: 'letsencrypt' }, groups: ['north', 'south'], controller: traefik() },
      certificateMetrics: [certManagerMetrics()],
    },
    edge: {
      ...edge,
      ...{ transport: 'remote-write', group: 'north' },
      profile: { collectors: ['cpu', 'meminfo'], metrics: ['node_cpu_.+'] },
      logs: { ...edge.logs, agent: promtail(), sending: { batchSize: '512Ki', linesPerSecond: 100 } },
    },
    pushgateways: { services: { reaper: false } },
    loki: { ...allSettings.loki, deployment: singleBinary(), multiTenancy: undefined },
    receivers: [dingTalk({ name: 'ops', secretKey: 'url', signingKey: 'key' })],
  },
  'pushes alone': {
    ...allSettings,
    ingress: { controller: envoyGateway() },
    metricsGateway: undefined,
    alerts: { overrides: { PushgatewaySlow: false } },
    edge: {
      ...{
        transport: 'pushgateway',
        interval: '30s',
        membership: 'pushes',
        logs: { agent: OTHER_LOG_AGENT },
      },
    },
    images: {
      mirror: {
        'docker.io': 'harbor.example.com/hub',
        'quay.io': 'harbor.example.com/quay',
        'registry.k8s.io': 'registry.k8s.io',
      },
    },
  },
  'behind a proxy': {
    ...minimalSettings,
    ingress: { controller: proxy({ namespace: 'ingress' }), rateLimit: { requestsPerSecond: 10 } },
    edge: { fleet: { nodes: 5_000, series: 400, logs: '1Gi' }, device: { httpProxy: false } },
    retention: { metrics: '90d', outOfOrderWindow: '4h', logs: '7d' },
  },
};

/** The charts of an environment. */
export function environment(app: App, settings: Settings): void {
  const cloud = new CloudChart(app, 'cloud', { settings });
  const charts = new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
  if (settings.gitOps) new GitOpsChart(app, 'gitops', { settings, charts: [cloud, charts] });
}
