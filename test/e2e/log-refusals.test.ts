import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pod } from '../runtime/pod';
import { eventually } from '../runtime/wait';
import { CLOUD } from '../stacks/reference-stack';
import type { Manifest } from '../support/manifests';
import { type AgentUnderTest, LogStack, ofEachAgent } from './log-stack';

const STATUSES = [401, 403, 404, 413, 429, 500, 503];

/** As slow as a link of GSM that is good. */
const SLOW_LINK = '200kbit';

const LABELS = { 'app.kubernetes.io/name': 'refuser' };

/** Responds with the status in a file to each request, and prints it. */
const REFUSER = `require('node:http')
  .createServer((request, response) => {
    request.resume().on('end', () => {
      const status = require('node:fs').readFileSync('/etc/refuser/status', 'utf8');
      console.log(status);
      response.writeHead(Number(status)).end();
    });
  })
  .listen(8080)`;

ofEachAgent('brings every line that was refused for a while', (agent: AgentUnderTest) => {
  let logs: LogStack;
  let refuser: Pod;
  let ingress: Manifest;

  beforeAll(async () => {
    logs = await LogStack.create(agent, ({ cluster }) => cluster.apply(...refusing(200)));
    const { cluster } = logs.stack;
    [refuser] = (await cluster.start('Deployment', CLOUD, 'refuser')) as [Pod];
    ingress = cluster.object('Ingress', CLOUD, 'logs');
    logs.files.write('first', 1);
    await logs.arrive('first', 1);
  });

  afterAll(() => logs?.destroy());

  test('for a time that a wrong clock gave it', async () => {
    const folder = logs.stack.edgeNode.path('/var/log/pods/clock_pod-0_1c2d/main');
    const times = ['1970-01-01T00:00:07.5Z', '1970-01-01T00:00:08Z', '2099-01-01T00:00:00Z'];
    const lines = [...times, new Date().toISOString()].map(
      (time, index) => `${time} stdout F clock ${index}\n`,
    );
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, '0.log'), lines.join(''));
    const stored = async () => (await logs.stored('{namespace="clock"}')).map(({ line }) => line).sort();
    await eventually('the line with the right time is in Loki', async () =>
      (await stored()).includes('clock 3'),
    );
    if (agent.name === 'Fluent Bit') {
      await eventually('all lines are in Loki', async () => (await stored()).length === lines.length);
    }
    logs.report('of wrong clocks', lines.length, (await stored()).length);
  });

  test(`or came over a link of ${SLOW_LINK}/s`, async () => {
    logs.uplink.limit(SLOW_LINK);
    logs.files.write('slow', 1_000);
    await logs.account(`a link of ${SLOW_LINK}/s`, 'slow', 1_000, 300);
    logs.uplink.limit();
  });

  test.each(STATUSES)('with %d', async (status) => {
    const { cluster } = logs.stack;
    const refused = () => refuser.container('refuser').logs.filter((line) => line === `${status}`).length;
    cluster.apply(...refusing(status), leadingTo(ingress, 'refuser'));
    logs.files.write(`status-${status}`, 50);
    await eventually(`lines are answered with ${status}`, () => refused() > 0);
    cluster.apply(ingress);
    await logs.account(`${status} for a while`, `status-${status}`, 50);
  });
});

function leadingTo(ingress: Manifest, name: string): Manifest {
  const changed = structuredClone(ingress);
  for (const { http } of changed.spec.rules) {
    for (const path of http.paths) path.backend.service = { name, port: { number: 8080 } };
  }
  return changed;
}

/** Replaces the guard for a while. */
function refusing(status: number): Manifest[] {
  const metadata = { name: 'refuser', namespace: CLOUD };
  const container = {
    name: 'refuser',
    image: 'library/node:20',
    args: ['-e', REFUSER],
    ports: [{ name: 'http', containerPort: 8080 }],
    volumeMounts: [{ name: 'status', mountPath: '/etc/refuser' }],
  };
  const spec = {
    containers: [container],
    volumes: [{ name: 'status', configMap: { name: 'refuser' } }],
    terminationGracePeriodSeconds: 1,
  };
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { status: `${status}` } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: LABELS },
        template: { metadata: { labels: LABELS }, spec },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: LABELS, ports: [{ name: 'http', port: 8080, targetPort: 'http' }] },
    },
  ] as Manifest[];
}
