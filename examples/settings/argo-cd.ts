import type { Settings } from 'cdk8s-edge-observability';

export const settings: Settings = {
  cluster: 'north',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  gitOps: {
    repository: 'https://git.example.com/fleet/observability.git',
    path: 'dist/north',
  },
};
