import { App, Chart } from 'cdk8s';
import {
  BasicAuthIngress,
  createIngress,
  type IngressController,
  Pushgateway,
  toNginxSize,
} from 'cdk8s-edge-observability';

const f5: IngressController = {
  clients: [{ namespace: 'nginx-ingress' }],
  usersFormat: { key: 'htpasswd', hash: 'bcrypt', type: 'nginx.org/htpasswd' },
  render: (scope, site) =>
    createIngress(scope, site, 'nginx', {
      'nginx.org/client-max-body-size': toNginxSize(site.maxBodySize),
      ...(site.checksUsers && { 'nginx.org/basic-auth-secret': site.usersSecretName }),
    }),
};

const app = new App();
const chart = new Chart(app, 'cloud');
const site = { name: 'push', host: 'push.example.com', tls: { secretName: 'push-tls' }, controller: f5 };
new Pushgateway(chart, 'pushgateway', { ingress: new BasicAuthIngress(chart, 'ingress', site) });
app.synth();
