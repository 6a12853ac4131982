import { ingressNginx, type Settings } from 'cdk8s-edge-observability';

export const settings: Settings = {
  cluster: 'north',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com', grafana: 'grafana.example.com' },
  ingress: {
    controller: ingressNginx({ namespace: 'ingress-nginx' }),
    tls: { clusterIssuer: 'letsencrypt' },
    rateLimit: { requestsPerSecond: 100 },
  },
  hostProbe: {},
};
