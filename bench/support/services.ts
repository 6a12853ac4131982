import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-25';
import { buildSync } from 'esbuild';
import { EdgeMetricsAgent, fromPushgateway, fromRemoteWrite } from '../../lib';
import type { Pod } from '../../test/runtime/pod';
import { EDGE, EDGE_NODE_LABELS, type ReferenceStack } from '../../test/stacks/reference-stack';

const FOLDER = '/opt/service';

/**
 * Program of a service: it pushes 50 series every ten seconds, as in docs/business-services.md. Half of the values
 * change.
 */
const PROGRAM = `
const { readFileSync } = require('node:fs');
const { Gauge, Pushgateway, Registry } = require('prom-client');
const { JOB, NODE_NAME, PUSHGATEWAY_URL, PUSHGATEWAY_CREDENTIALS_DIR: folder } = process.env;
const read = (name) => readFileSync(folder + '/' + name, 'utf8').trim();
const register = new Registry();
const gauges = Array.from({ length: 5 }, (_, at) => new Gauge({ name: 'shop_figure_' + at, help: 'A figure.', labelNames: ['kind'], registers: [register] }));
const client = new Pushgateway(PUSHGATEWAY_URL, { auth: read('username') + ':' + read('password'), timeout: 10000 }, register);
let count = 0;
setInterval(() => {
  count++;
  for (const gauge of gauges) for (let kind = 0; kind < 10; kind++) gauge.set({ kind: 'kind-' + kind }, kind % 2 ? count * kind : kind);
  client.push({ jobName: JOB, groupings: { hostname: NODE_NAME, instance: 'one' } }).catch((error) => console.log(error.message));
}, 10000);
`;

/**
 * Starts services on the edge node. They push to the agent of the node, or to the Pushgateway in the cloud.
 * @param count number of services
 */
export async function startServices(
  stack: ReferenceStack,
  count: number,
  to: 'agent' | 'pushgateway',
): Promise<Pod[]> {
  const folder = stack.edgeNode.path(FOLDER);
  mkdirSync(folder, { recursive: true });
  const stdin = { contents: PROGRAM, resolveDir: __dirname };
  buildSync({ stdin, bundle: true, platform: 'node', outfile: join(folder, 'main.js'), logLevel: 'error' });
  const jobs = Array.from({ length: count }, (_, number) => `service-${number}`);
  for (const job of jobs) stack.cluster.apply(serviceObjects(job, to));
  return (await Promise.all(jobs.map((job) => stack.cluster.start('Deployment', EDGE, job)))).flat();
}

function serviceObjects(job: string, to: 'agent' | 'pushgateway') {
  const chart = new Chart(new App(), 'services', { namespace: EDGE });
  const env = [
    { name: 'JOB', value: job },
    { name: 'NODE_NAME', value: 'edge-1' },
    { name: 'NODE_EXTRA_CA_CERTS', value: '/etc/ssl/certs/ca-certificates.crt' },
  ];
  const volumeMounts = [{ name: 'program', mountPath: FOLDER, readOnly: true }];
  const command = ['/usr/bin/node', `${FOLDER}/main.js`];
  const deployment = new k8s.KubeDeployment(chart, job, {
    metadata: { name: job },
    spec: {
      selector: { matchLabels: { app: job } },
      template: {
        metadata: { labels: { app: job } },
        spec: {
          nodeSelector: EDGE_NODE_LABELS,
          terminationGracePeriodSeconds: 1,
          containers: [{ name: 'service', image: 'library/node:24', command, env, volumeMounts }],
          volumes: [{ name: 'program', hostPath: { path: FOLDER } }],
        },
      },
    },
  });
  const credentialsSecretName = 'push-credentials';
  if (to === 'pushgateway') {
    const host = 'push.edge.example.com';
    fromPushgateway({ host, basePath: '/services', credentialsSecretName }).connect(deployment);
  } else {
    const sink = fromRemoteWrite({ host: 'push.fleet.example.com', credentialsSecretName });
    new EdgeMetricsAgent(chart, 'agent', { sink, pushes: {} }).connect(deployment);
  }
  return deployment.toJson();
}
