import { App, Chart } from 'cdk8s';
import { EdgeExporter, fromPushgateway } from 'cdk8s-edge-observability';

const app = new App();
new EdgeExporter(new Chart(app, 'edge'), 'jetson', {
  name: 'jetson-exporter',
  image: 'registry.example.com/jetson-stats-node-exporter:0.1.2',
  args: ['--port=9401'],
  port: 9401,
  sink: fromPushgateway({ host: 'push.example.com', credentialsSecretName: 'push-credentials' }),
  nodeSelector: { 'example.com/device': 'jetson' },
  // The exporter runs as root, because the socket of jtop belongs to root. NVIDIA's sensors are read through this
  // socket.
  uid: 0,
  volumes: [{ name: 'jtop', hostPath: { path: '/run/jtop.sock', type: 'Socket' } }],
  volumeMounts: [{ name: 'jtop', mountPath: '/run/jtop.sock' }],
  resources: { cpu: '50m', memory: '64Mi', memoryLimit: '128Mi' },
});
app.synth();
