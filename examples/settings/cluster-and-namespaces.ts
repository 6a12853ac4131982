import type { Settings } from 'cdk8s-edge-observability';

export const settings: Settings = {
  cluster: 'north',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  kubernetesVersion: '1.30',
  namespaces: { cloud: 'observability', nodes: 'observability-nodes', edge: 'observability-edge' },
  nodeCidrs: ['10.2.0.0/16'],
  scheduling: {
    nodeSelector: { pool: 'observability' },
    tolerations: [{ key: 'pool', value: 'observability', effect: 'NoSchedule' }],
  },
};
