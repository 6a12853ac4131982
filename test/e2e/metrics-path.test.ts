import type { Pod } from '../runtime/pod';
import { eventually } from '../runtime/wait';
import { ReferenceStack } from '../stacks/reference-stack';

describe('the programs for metrics of the reference environment', () => {
  let stack: ReferenceStack;
  let prometheus: Pod;
  let fleet: Pod;
  let services: Pod;
  let edge: Pod;

  beforeAll(async () => {
    stack = await ReferenceStack.create();
    prometheus = await stack.startCloud('prometheus');
    fleet = await stack.startCloud('pushgateway');
    services = await stack.startCloud('pushgateway-services');
    edge = await stack.startEdge();
  });

  afterAll(() => stack?.destroy());

  test('brings an edge node into Prometheus, with the labels of the schema', async () => {
    const series = await eventually('node_uname_info is in Prometheus', async () =>
      (await stack.query(prometheus, 'node_uname_info')).at(0),
    );
    expect(series.metric).toMatchObject({
      job: 'node_exporter',
      instance: `${stack.edgeNode.address}:9100`,
      hostname: 'edge-1',
      node: 'edge-1',
      cluster: 'reference',
      nodename: 'edge-1',
    });
  });

  test('shows the disks and the network devices of the node, not those of a container', async () => {
    const [disk] = await stack.query(prometheus, 'node_filesystem_size_bytes{mountpoint="/"}');
    expect(disk?.metric.device).not.toBe('tmpfs');
    const devices = await stack.query(prometheus, 'node_network_receive_bytes_total{node="edge-1"}');
    expect(devices.map(({ metric }) => metric.device)).toContain('eth0');
  });

  describe('for business services', () => {
    const push = (job: string, body: string) =>
      stack.fromEdge(`https://push.edge.example.com/services/metrics/job/${job}`, {
        method: 'PUT',
        body,
        user: stack.credentials,
      });

    test('leads to a Pushgateway of their own', async () => {
      expect(await push('shop', '# TYPE shop_orders counter\nshop_orders 3\n')).toMatchObject({
        status: 200,
      });
      expect(await stack.pushed(services, 'shop_orders', ':9091/services/metrics')).toHaveLength(1);
      expect(await stack.pushed(fleet, 'shop_orders')).toHaveLength(0);
    });

    test('takes a metric of another type, which contradicts nobody', async () => {
      expect(await push('rival', '# TYPE shop_orders gauge\nshop_orders 4\n')).toMatchObject({ status: 200 });
      expect(await stack.pushed(services, 'shop_orders', ':9091/services/metrics')).toHaveLength(2);
      expect((await stack.fromCloud(fleet, ':9091/metrics')).status).toBe(200);
    });

    test('answers 400 to the same series in two groups, which harms nobody', async () => {
      expect(await push('shop/branch/north', 'shop_orders 5\n')).toMatchObject({ status: 200 });
      expect(await push('shop', 'shop_orders{branch="north"} 6\n')).toMatchObject({ status: 400 });
      const lines = await stack.pushed(services, 'shop_orders', ':9091/services/metrics');
      expect(lines.filter((line) => line.includes('branch="north"'))).toHaveLength(1);
    });

    test('refuses those without a password', async () => {
      const url = 'https://push.edge.example.com/services/metrics/job/stranger';
      expect(await stack.fromEdge(url, { method: 'PUT', body: 'up 1\n' })).toMatchObject({ status: 401 });
    });
  });

  test('runs in containers that can write to their volumes and nowhere else', async () => {
    for (const pod of [prometheus, fleet, services, edge]) {
      for (const { name, volumeMounts = [] } of pod.template.spec.containers) {
        const writable = volumeMounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath);
        const readOnly = volumeMounts.filter((mount) => mount.readOnly).map(({ mountPath }) => mountPath);
        for (const folder of writable) expect(await write(pod, name, folder)).toBe('written');
        for (const folder of [...readOnly, '/', '/etc', '/bin', '/var']) {
          expect(await write(pod, name, folder)).toMatch(
            /Read-only file system|Permission denied|No such file/,
          );
        }
      }
    }
  });

  test('keeps the host read-only where it is shown to node_exporter, also where anyone may write', async () => {
    expect(await write(edge, 'node-exporter', '/host/root/tmp')).toMatch(/Read-only file system/);
  });

  test('stays within its memory limits', () => {
    const containers = [prometheus, fleet, services, edge].flatMap((pod) => pod.containers);
    expect(containers.map(({ name, memory }) => ({ name, kills: memory.kills }))).toEqual(
      containers.map(({ name }) => ({ name, kills: 0 })),
    );
  });
});

async function write(pod: Pod, container: string, folder: string): Promise<string> {
  const { code, stderr } = await pod.container(container).exec('/bin/touch', `${folder}/written-by-a-test`);
  return code === 0 ? 'written' : stderr;
}
