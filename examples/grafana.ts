import { App, Chart } from 'cdk8s';
import { Grafana, type GrafanaIni } from 'cdk8s-edge-observability';

const ini: GrafanaIni = {
  'auth.github': { enabled: true, client_id: 'Iv1.8a61f9', client_secret: { secretKey: 'github' } },
  smtp: { enabled: true, host: 'smtp.example.com:587', password: { secretKey: 'smtp' } },
};
const app = new App();
const grafana = new Grafana(new Chart(app, 'cloud'), 'grafana', {
  ini,
  dataSources: [{ name: 'Traces', uid: 'traces', type: 'tempo', url: 'http://tempo.tracing.svc:3200' }],
});
const folder = { uid: 'plants', title: 'Plants' };
grafana.addDashboards({ folder, dashboards: [] });
app.synth();
