import type { Settings } from 'cdk8s-edge-observability';

export const settings: Settings = {
  cluster: 'north',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  edge: {
    transport: 'remote-write',
    agent: {
      services: [{ job: 'shop', port: 8080 }],
      sending: { bytesPerSecond: '32Ki' },
      queue: { size: '1Gi' },
      pushes: {},
    },
  },
};
