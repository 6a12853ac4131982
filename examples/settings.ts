import { App } from 'cdk8s';
import { CloudChart, EdgeChart, type Settings } from 'cdk8s-edge-observability';

const settings: Settings = {
  cluster: 'plant',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  edge: { transport: 'remote-write', interval: '30s', logs: { drop: [{ line: 'level=debug' }] } },
  alerts: { thresholds: { diskUsedPercent: 85 }, overrides: { EdgeNodeSilent: { for: '15m' } } },
};

const app = new App();
const cloud = new CloudChart(app, 'cloud', { settings });
new EdgeChart(app, 'edge', { settings, metrics: cloud.sinks, logs: cloud.logs });
app.synth();
