import type { Settings } from 'cdk8s-edge-observability';

export const settings: Settings = {
  cluster: 'north',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  retention: { metrics: '30d', logs: '90d', outOfOrderWindow: '1d' },
  storage: { className: 'fast', prometheus: '100Gi', loki: '200Gi' },
  longestOutage: '12h',
};
