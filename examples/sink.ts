import { ApiObject, App, Chart } from 'cdk8s';
import { EdgeExporter, type NodeAgent, type NodeTarget } from 'cdk8s-edge-observability';

// The targets of an agent that already runs on the devices, and reads its targets from a file.
const targets: NodeTarget[] = [];
const sink: NodeAgent = { protocol: 'scrape', scrape: (target) => void targets.push(target) };

const app = new App();
const chart = new Chart(app, 'edge', { namespace: 'monitoring-edge' });
const image = 'registry.example.com/modem-exporter:1.4.0';
new EdgeExporter(chart, 'modem', { name: 'modem', image, port: 9800, sink });
new ApiObject(chart, 'targets', {
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'agent-targets' } },
  data: {
    'modem.json': JSON.stringify(
      targets.map(({ port, job }) => ({ targets: [`127.0.0.1:${port}`], labels: { job } })),
    ),
  },
});
app.synth();
