import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-25';
import { buildSync } from 'esbuild';
import { EdgeMetricsAgent, fromRemoteWrite } from '../../lib';
import type { NetNamespace } from '../runtime/net-namespace';
import type { Pod } from '../runtime/pod';
import { eventually } from '../runtime/wait';
import { EDGE, EDGE_NODE_LABELS, type ReferenceStack } from '../stacks/reference-stack';

const FOLDER = '/opt/pushing';

/** Shared by both JavaScript programs: pushes a number each second, and prints a line for each push with the time before and after it. */
const EVERY_SECOND = `
const { readFileSync } = require('node:fs');
const { PUSHGATEWAY_CREDENTIALS_DIR: folder } = process.env;
const read = (name) => readFileSync(folder + '/' + name, 'utf8').trim();
const login = folder && read('username') + ':' + read('password');
let count = 0;
setInterval(async () => {
  const number = ++count;
  const before = Date.now();
  const outcome = await push(number).then(() => 'pushed', (error) => 'refused ' + error.message);
  console.log(outcome, number, before, Date.now());
}, 1000);
`;

const PROM_CLIENT = `
const { Gauge, Pushgateway, Registry } = require('prom-client');
const register = new Registry();
const numbers = new Gauge({ name: 'pushed_number', help: 'Counts pushes.', registers: [register] });
${EVERY_SECOND}
const client = new Pushgateway(process.env.PUSHGATEWAY_URL, { auth: login, timeout: 20000 }, register);
function push(number) {
  numbers.set(number);
  return client.push({ jobName: 'prom-client', groupings: { instance: 'one' } });
}
`;

const OPENTELEMETRY = `
const { OTLPMetricExporter } = require('@opentelemetry/exporter-metrics-otlp-proto');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { MeterProvider, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
${EVERY_SECOND}
const headers = login ? { Authorization: 'Basic ' + Buffer.from(login).toString('base64') } : {};
const exporter = new OTLPMetricExporter({ headers, timeoutMillis: 20000 });
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e9 });
const resource = resourceFromAttributes({ 'service.name': 'opentelemetry', 'service.instance.id': 'one' });
const meter = new MeterProvider({ resource, readers: [reader] }).getMeter('test');
const numbers = meter.createGauge('pushed.number');
const orders = meter.createCounter('shop.orders', { unit: 's' });
const times = meter.createHistogram('shop.time', { unit: 'ms', advice: { explicitBucketBoundaries: [1, 5] } });
async function push(number) {
  numbers.record(number);
  orders.add(1, { 'shop.kind': 'a' });
  times.record(2);
  const { resourceMetrics } = await reader.collect();
  await new Promise((resolve, reject) =>
    exporter.export(resourceMetrics, ({ code, error }) => (code === 0 ? resolve() : reject(error))),
  );
}
`;

/** `date` reads the clock of the kernel's last tick, which is at most 10 ms behind the one that the listener reads. */
const CURL = `
n=0
while :; do
  n=$((n + 1))
  before=$(date +%s)
  status=$(echo "pushed_number $n" | curl -sS -o /dev/null -w '%{http_code}' -m 20 --data-binary @- "$PUSHGATEWAY_URL/metrics/job/curl/instance/one")
  [ "$status" = 200 ] && said=pushed || said="refused $status"
  echo "$said" "$n" "$before"000 "$(($(date +%s) + 1))"010
  sleep 1
done
`;

/** Each with its program, in a pod on the node's network or with one of its own. */
const SERVICES = {
  'prom-client': { image: 'library/node:24', program: PROM_CLIENT, hostNetwork: false },
  opentelemetry: { image: 'library/node:24', program: OPENTELEMETRY, hostNetwork: false },
  curl: { image: 'curlimages/curl:8.21.0', program: CURL, hostNetwork: true },
} as const;

/** One accepted push: its number, and the times before and after it in milliseconds. */
export interface Push {
  readonly number: number;
  readonly from: number;
  readonly to: number;
}

/** A service of an edge node that pushes a number each second to the node's agent, as configured by `connect`. */
export class PushingService {
  /** One for each way to push. */
  static async startAll(stack: ReferenceStack): Promise<PushingService[]> {
    return Promise.all(
      (Object.keys(SERVICES) as (keyof typeof SERVICES)[]).map(async (job) => {
        const [pod] = await startPod(stack, job);
        if (!pod) throw new Error(`no pod of ${job} was started`);
        const service = new PushingService(job, pod);
        await eventually(
          () => `${job} has pushed; it says ${service.lines.slice(-3)}`,
          () => service.taken.length > 0,
        );
        return service;
      }),
    );
  }

  private constructor(
    readonly job: string,
    private readonly pod: Pod,
  ) {}

  /** Accepted pushes in order. */
  get taken(): Push[] {
    const taken = this.lines.flatMap((line) => {
      const [, number, from, to] = /^pushed (\d+) (\d+) (\d+)$/.exec(line) ?? [];
      return number ? { number: Number(number), from: Number(from), to: Number(to) } : [];
    });
    // What waits for the agent to be started again is answered with what came behind it.
    return taken.sort((one, other) => one.number - other.number);
  }

  /**
   * The others, except those that waited for an agent whose restart takes longer than the timeout of pushes, which
   * depends on the machine.
   */
  get refused(): string[] {
    return this.lines.filter((line) => line.startsWith('refused ') && !line.includes('takes nothing'));
  }

  get lines(): readonly string[] {
    return this.pod.containers.flatMap(({ logs }) => logs);
  }

  get network(): NetNamespace {
    return this.pod.network;
  }

  stop(): Promise<void> {
    return this.pod.stop();
  }
}

function startPod(stack: ReferenceStack, job: keyof typeof SERVICES): Promise<Pod[]> {
  const { image, program, hostNetwork } = SERVICES[job];
  const folder = stack.edgeNode.path(`${FOLDER}/${job}`);
  mkdirSync(folder, { recursive: true });
  const isShell = image.startsWith('curl');
  if (isShell) writeFileSync(join(folder, 'main.sh'), program);
  else {
    const stdin = { contents: program, resolveDir: __dirname };
    buildSync({ stdin, bundle: true, platform: 'node', outfile: join(folder, 'main.js'), logLevel: 'error' });
  }
  const command = isShell ? ['/bin/sh', 'main.sh'] : ['/usr/bin/node', 'main.js'];
  stack.cluster.apply(workload(job, image, command, hostNetwork));
  return stack.cluster.start('Deployment', EDGE, job);
}

function workload(job: string, image: string, command: string[], hostNetwork: boolean) {
  const chart = new Chart(new App(), 'services', { namespace: EDGE });
  const sink = fromRemoteWrite({ host: 'push.fleet.example.com', credentialsSecretName: 'push-credentials' });
  const agent = new EdgeMetricsAgent(chart, 'agent', { sink, pushes: {} });
  const workingDir = `${FOLDER}/${job}`;
  const volumeMounts = [{ name: 'program', mountPath: workingDir, readOnly: true }];
  const deployment = new k8s.KubeDeployment(chart, job, {
    metadata: { name: job },
    spec: {
      selector: { matchLabels: { app: job } },
      template: {
        metadata: { labels: { app: job } },
        spec: {
          hostNetwork,
          nodeSelector: { ...EDGE_NODE_LABELS, 'kubernetes.io/hostname': 'edge-1' },
          terminationGracePeriodSeconds: 1,
          containers: [{ name: 'service', image, command, workingDir, volumeMounts }],
          volumes: [{ name: 'program', hostPath: { path: workingDir } }],
        },
      },
    },
  });
  agent.connect(deployment);
  return deployment.toJson();
}
