import type { Settings } from 'cdk8s-edge-observability';

export const settings: Settings = {
  cluster: 'north',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  edge: {
    groups: [
      { name: 'plants', interval: '10s', fleet: { nodes: 20 } },
      { name: 'vehicles', transport: 'remote-write', freshness: 'frugal', fleet: { nodes: 500 } },
    ],
  },
};
