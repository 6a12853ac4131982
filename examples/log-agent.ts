import { App, Chart } from 'cdk8s';
import { EdgeLogCollector, fluentBit, fromLoki, type LogAgent } from 'cdk8s-edge-observability';

// Masks numbers of six digits and more on the device, so that they are never sent.
const mask =
  'function mask(_, at, r) r.log = string.gsub(r.log or "", "%d%d%d%d%d%d+", "*") return 2, at, r end';
const pipeline = { filters: [{ name: 'lua', match: 'pods.*', script: 'mask.lua', call: 'mask' }] };
const files: LogAgent['files'] = (task) => ({
  ...fluentBit().files(task),
  'mask.lua': mask,
  'masking.yaml': JSON.stringify({ includes: ['fluent-bit.yaml'], pipeline }),
});
const args: LogAgent['args'] = ({ configDir }) => [`--config=${configDir}/masking.yaml`];
const agent: LogAgent = { ...fluentBit(), image: 'registry.example.com/fluent-bit:5.1.3-1', args, files };

const app = new App();
const sink = fromLoki({ host: 'logs.example.com', credentialsSecretName: 'logs-credentials' });
new EdgeLogCollector(new Chart(app, 'edge'), 'log-collector', { sink, agent });
app.synth();
