import { App } from 'cdk8s';
import { CloudChart, EdgeChart, type Settings } from '../../../lib';
import { Cleanup } from '../../runtime/cleanup';
import { request } from '../../runtime/http';
import type { Pod } from '../../runtime/pod';
import { eventually } from '../../runtime/wait';
import { CLOUD, folderOf, ReferenceStack } from '../../stacks/reference-stack';
import { Sample, type Series, writeRequest } from '../../support/write-request';

/** Nodes of each group by plan. */
const NODES = 150;
const GROUPS = ['north', 'south'];

const settings: Settings = {
  cluster: 'north',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  ingress: { groups: GROUPS },
  pushgateways: { services: { limits: { series: 100_000 } } },
  edge: {
    group: 'north',
    fleet: { nodes: NODES },
    groups: [{ name: 'south', transport: 'remote-write', fleet: { nodes: NODES } }],
  },
};

/** As large as the limits count as one series: 20 labels of its own, of 1 kB. */
const NAMES = Array.from({ length: 18 }, (_, number) => `label_${String.fromCharCode(97 + number)}`);
const AT_ONCE = 1_000;
/** Of each written series, after one of now: as many as Prometheus keeps in memory before it writes them to disk. */
const LATE_SAMPLES = 30;
const MINUTE = 60_000;
const PUSHGATEWAYS = ['pushgateway', 'pushgateway-services'];

jest.setTimeout(90 * 60_000);

let stack: ReferenceStack;

const send = (pod: Pod, portAndPath: string, method: string, body: string | Buffer) =>
  request(stack.node('cloud-1').namespace, `http://${pod.address}${portAndPath}`, {
    method,
    body,
    seconds: 60,
  });

test('Prometheus has memory for all that limits let through, of the largest series that count as one, with late samples in each', async () => {
  const cleanup = new Cleanup();
  stack = await ReferenceStack.create({ dist: folderOf(app(), cleanup) });
  try {
    const prometheus = await stack.startCloud('prometheus');
    const gateways = await stack.cluster.start('StatefulSet', CLOUD, 'metrics-gateway');
    const pushgateways = await Promise.all(PUSHGATEWAYS.map((name) => stack.startCloud(name)));
    for (const gateway of gateways) await fillGateway(gateway);
    for (const pushgateway of pushgateways) await fillPushgateway(pushgateway);
    const value = async (query: string) => Number((await stack.query(prometheus, query))[0]?.value[1]);
    const known = 'sum(metrics_gateway_limiter_series) + sum(pushgateway_filter_series)';
    await eventually(
      'Prometheus has what the limits let through',
      async () => (await value('prometheus_tsdb_head_series')) > 0.9 * (await value(known)),
      { seconds: 600, pauseMs: 5_000 },
    );
    const heap = await value('max_over_time(go_memstats_heap_inuse_bytes{job="prometheus"}[30m])');
    const resident = await value('max_over_time(process_resident_memory_bytes{job="prometheus"}[30m])');
    const series = await value('prometheus_tsdb_head_series');
    const late = await value('prometheus_tsdb_head_out_of_order_samples_appended_total');
    expect(late).toBeGreaterThan(0.9 * LATE_SAMPLES * (await value('count(last_over_time(full[1h]))')));
    const limit = stack.cluster.object('StatefulSet', CLOUD, 'prometheus').spec.template.spec.containers[0]
      .resources;
    process.stdout.write(
      `${series} series (${await value(known)} by the limits), ${late} late samples: heap ${heap}, resident ${resident} bytes, limit ${limit.limits.memory}\n`,
    );
    const pods = [prometheus, ...gateways, ...pushgateways];
    expect(
      pods.flatMap(({ containers }) => containers.map(({ memory }) => memory.kills)).filter(Boolean),
    ).toEqual([]);
    const down = await stack.query(prometheus, 'up{job=~"prometheus|metrics-gateway.*|pushgateway.*"} == 0');
    expect(down.map(({ metric }) => metric.job)).toEqual([]);
  } finally {
    await stack.destroy();
    await cleanup.run();
  }
});

/** Until it takes no more: of each node as many series as it may have, and new nodes until there is no place for one. */
async function fillGateway(gateway: Pod): Promise<void> {
  for (let node = 0; ; node++) {
    const name = `${gateway.name}-${node}`;
    for (let round = 0; ; round++) {
      const all = Array.from({ length: AT_ONCE }, (_, number) => large(name, round * AT_ONCE + number));
      const { status } = await send(
        gateway,
        ':8432/api/v1/write?extra_label=__group__=south',
        'POST',
        writeRequest(all),
      );
      if (status === 429) return;
      if (status === 400 || round === 4) break;
    }
  }
}

/** The same of each group of nodes. */
async function fillPushgateway(pushgateway: Pod): Promise<void> {
  const filter = pushgateway.container('push-filter');
  for (const group of GROUPS) {
    for (let node = 0, refused = 0; refused < 3; node++) {
      const path = `:9091/metrics/job/${group}-${node}/instance/${node}/hostname/${group}-${node}/group/${group}`;
      for (let count = 8_000; count > 50; count = Math.floor(count * 0.9)) {
        const lines = Array.from(
          { length: count },
          (_, number) => `full_of_${number % 500}{of="${number}"} 1\n`,
        );
        const { status } = await send(pushgateway, path, 'PUT', lines.join(''));
        if (status < 300) refused = -1;
        if (status < 300) break;
      }
      refused++;
    }
  }
  expect(filter.memory.kills).toBe(0);
}

function large(node: string, number: number): Series {
  const labels = Object.fromEntries(
    NAMES.map((name, index) => [name, `${node}-${number}-${index}`.padEnd(40, 'x')]),
  );
  const now = Date.now();
  const late = Array.from(
    { length: LATE_SAMPLES },
    (_, index) => new Sample(now - (index + 2) * MINUTE, index),
  );
  return { labels: { __name__: 'full', node, ...labels }, samples: [new Sample(now, 1), ...late] };
}

function app(): App {
  const all = new App();
  const { sinks, logs } = new CloudChart(all, 'cloud', { settings });
  new EdgeChart(all, 'edge', { settings, metrics: sinks, logs });
  return all;
}
