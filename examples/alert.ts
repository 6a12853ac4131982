import { App, Chart } from 'cdk8s';
import { edgeAlert, Prometheus } from 'cdk8s-edge-observability';

const app = new App();
const prometheus = new Prometheus(new Chart(app, 'cloud'), 'prometheus');
const hot = edgeAlert('JetsonHot', {
  expr: 'max by (cluster, group, node) (temperature_C{job="jetson-exporter", statistic="gpu"}) > 85',
  for: '10m',
  severity: 'warning',
  summary: 'The GPU of {{ $labels.node }} is hot',
  description: 'It has {{ $value }} °C.',
  runbook: 'https://wiki.example.com/jetson-hot',
});
prometheus.addRules({ ruleGroups: [{ name: 'jetson', rules: [hot] }] });
app.synth();
