import {
  CloudChart,
  EdgeChart,
  type Environment,
  GitOpsChart,
  ingressNginx,
  ingressNginxMetrics,
  type Settings,
  webhook,
} from '../../lib';

const settings: Settings = {
  cluster: 'reference',
  kubernetesVersion: '1.22',
  hosts: {
    metrics: 'push.edge.example.com',
    logs: 'logs.edge.example.com',
    grafana: 'grafana.edge.example.com',
  },
  retention: { metrics: '15d', logs: '30d' },
  storage: { prometheus: '50Gi', loki: '50Gi' },
  secrets: { receivers: 'alertmanager-receivers' },
  ingress: {
    controller: ingressNginx({ namespace: 'ingress-nginx' }),
    certificateMetrics: [ingressNginxMetrics()],
  },
  nodeCidrs: ['10.0.0.0/16'],
  receivers: [webhook({ name: 'default', secretKey: 'webhook-url' })],
  // Uses the same `instance` label as the hand-made system, so that its dashboards keep working.
  edge: { interval: '10s', instance: 'address' },
  gitOps: { repository: 'https://git.example.com/fleet/observability.git', path: 'dist/reference' },
};

/** A small fleet whose nodes push to a Pushgateway. It replaces a hand-made system. */
export const reference: Environment = (app) => {
  const cloud = new CloudChart(app, 'cloud', { settings });
  const { sinks, logs } = cloud;
  const edge = new EdgeChart(app, 'edge', { settings, metrics: sinks, logs });
  new GitOpsChart(app, 'gitops', { settings, charts: [cloud, edge] });
};
