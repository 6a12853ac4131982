import { type Settings, slack } from 'cdk8s-edge-observability';

export const settings: Settings = {
  cluster: 'north',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  secrets: { receivers: 'alertmanager-receivers' },
  receivers: [slack({ name: 'ops', secretKey: 'slack-url', channel: '#edge' })],
  alerts: {
    thresholds: { diskUsedPercent: 85 },
    overrides: { EdgeNodeSilent: { for: '15m' }, EdgeClockUnsynchronized: false },
  },
  grafana: { folder: 'Plants' },
};
