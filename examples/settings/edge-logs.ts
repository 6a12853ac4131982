import type { Settings } from 'cdk8s-edge-observability';

export const settings: Settings = {
  cluster: 'north',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  edge: {
    logs: {
      keep: [{ namespace: 'shop|pay' }],
      drop: [{ line: 'level=debug' }],
      multiline: [{ container: 'web', firstLine: '^\\d{4}-' }],
    },
  },
};
