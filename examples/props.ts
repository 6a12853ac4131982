import { App, Chart } from 'cdk8s';
import { EdgeNodeExporter, fromPushgateway } from 'cdk8s-edge-observability';

const app = new App();
new EdgeNodeExporter(new Chart(app, 'edge'), 'node-exporter', {
  sink: fromPushgateway({ host: 'push.example.com', credentialsSecretName: 'push-credentials' }),
  interval: '1m',
  profile: { collectors: ['cpu', 'meminfo', 'filesystem', 'textfile'] },
  textfileDirectory: '/var/lib/node-metrics',
  nodeSelector: { 'example.com/site': 'plant' },
  updateStrategy: '10%',
});
app.synth();
