import type { Settings } from 'cdk8s-edge-observability';

export const settings: Settings = {
  cluster: 'north',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  edge: {
    transport: 'remote-write',
    freshness: 'balanced',
    fleet: { nodes: 200, logs: '20Mi', uplinkBudget: '100Mi' },
  },
};
