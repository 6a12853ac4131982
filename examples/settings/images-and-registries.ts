import type { Settings } from 'cdk8s-edge-observability';

export const settings: Settings = {
  cluster: 'north',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  images: { mirror: 'registry.example.com/edge' },
  imagePullSecrets: ['registry'],
};
