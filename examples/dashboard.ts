import { App, Chart } from 'cdk8s';
import { Grafana, panels } from 'cdk8s-edge-observability';

const app = new App();
const grafana = new Grafana(new Chart(app, 'cloud'), 'grafana');
const temperature = panels.timeseries(
  'Temperature of the GPU',
  'Temperature of each node.',
  [{ expr: `temperature_C{statistic="gpu", ${panels.OF_NODE}}`, legend: '{{node}}' }],
  { unit: 'celsius', limits: { warning: 85, critical: 95 } },
);
const rows = [{ title: 'Now', panels: [temperature] }];
grafana.addDashboards({
  dashboards: [{ uid: 'jetson', title: 'Jetson', description: 'What the GPUs do.', rows }],
});
app.synth();
