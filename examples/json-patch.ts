import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { EdgeNodeExporter, fromPushgateway } from 'cdk8s-edge-observability';

const app = new App();
const exporter = new EdgeNodeExporter(new Chart(app, 'edge'), 'node-exporter', {
  sink: fromPushgateway({ host: 'push.example.com', credentialsSecretName: 'push-credentials' }),
});
// For sites without DNS: adds the host to /etc/hosts of the pods.
ApiObject.of(exporter).addJsonPatch(
  JsonPatch.add('/spec/template/spec/hostAliases', [{ ip: '203.0.113.7', hostnames: ['push.example.com'] }]),
);
app.synth();
