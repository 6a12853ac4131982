import { CloudChart, EdgeChart, GitOpsChart, ingressNginx, proxy, run, type Settings, webhook } from './lib';

const reference: Settings = {
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
  ingress: { controller: ingressNginx({ namespace: 'ingress-nginx' }) },
  nodeCidrs: ['10.0.0.0/16'],
  receivers: [webhook({ name: 'default', secretKey: 'webhook-url' })],
  // The form that the hand-made system used, so that its dashboards go on working.
  edge: { interval: '10s', instance: 'address' },
  gitOps: { repository: 'https://git.example.com/fleet/observability.git', path: 'dist/reference' },
};

const fleet: Settings = {
  cluster: 'fleet',
  kubernetesVersion: '1.30',
  hosts: { metrics: 'push.fleet.example.com', logs: 'logs.fleet.example.com' },
  retention: { metrics: '30d', outOfOrderWindow: '1d' },
  ingress: { controller: proxy({ namespace: 'traefik', className: 'traefik' }) },
  nodeCidrs: ['10.0.0.0/16'],
  longestOutage: '1d',
  edge: {
    transport: 'remote-write',
    // Nodes in none of KubeEdge's NodeGroups below.
    group: 'plants',
    fleet: { nodes: 200, logs: '50Mi', uplinkBudget: '100Mi' },
    groups: [
      // On metered 4G cards.
      {
        name: 'vehicles',
        interval: '30s',
        profile: 'lean',
        fleet: { nodes: 200, logs: '10Mi', uplinkBudget: '20Mi' },
      },
      { name: 'kiosks', interval: '1m', fleet: { nodes: 100, logs: '20Mi', uplinkBudget: '50Mi' } },
    ],
  },
};

run({
  reference: (app) => {
    const cloud = new CloudChart(app, 'cloud', { settings: reference });
    const edge = new EdgeChart(app, 'edge', {
      settings: reference,
      metrics: cloud.metrics,
      logs: cloud.logs,
    });
    new GitOpsChart(app, 'gitops', { settings: reference, charts: [cloud, edge] });
  },
  fleet: (app) => {
    const cloud = new CloudChart(app, 'cloud', { settings: fleet });
    new EdgeChart(app, 'edge', { settings: fleet, metrics: cloud.metrics, logs: cloud.logs });
  },
});
