import type { Settings } from 'cdk8s-edge-observability';

export const settings: Settings = {
  cluster: 'north',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  edge: {
    device: {
      stateDirectory: '/data/observability',
      readOnlyMounts: ['/'],
      ports: { nodeExporter: 9101 },
    },
  },
};
