import { App } from 'cdk8s';
import { CloudChart, EdgeChart, type Settings } from 'cdk8s-edge-observability';

const app = new App();
for (const site of ['north', 'south']) {
  const settings: Settings = {
    cluster: site,
    hosts: { metrics: `push.${site}.example.com`, logs: `logs.${site}.example.com` },
  };
  const cloud = new CloudChart(app, `${site}-cloud`, { settings });
  new EdgeChart(app, `${site}-edge`, { settings, metrics: cloud.sinks, logs: cloud.logs });
}
app.synth();
