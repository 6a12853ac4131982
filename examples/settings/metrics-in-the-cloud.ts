import { prometheus, type Settings } from 'cdk8s-edge-observability';

export const settings: Settings = {
  cluster: 'north',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  edge: { transport: 'remote-write' },
  metricsStore: prometheus({ replicas: 2 }),
  metricsGateway: { replicas: 3, limits: { nodes: 600 } },
};
