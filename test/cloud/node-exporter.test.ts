import { App, Chart } from 'cdk8s';
import { LogCollector, LokiStack, NodeExporter } from '../../lib';
import { containerArgs, findOnly, type Manifest, podOf } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';

const objects = synthesizeChart((chart) => new NodeExporter(chart, 'n', { port: 9200 }));

test('runs on every node but those of the edge, whatever their taints', () => {
  const pod = podOf(findOnly(objects, 'DaemonSet'));
  expect(JSON.stringify(pod.affinity)).toContain('DoesNotExist');
  expect(pod.tolerations).toEqual([{ operator: 'Exists' }]);
});

test('is found by Prometheus through the nodes, on its own port', () => {
  const { scrapeConfigs } = new NodeExporter(new Chart(new App(), 'chart'), 'n', { port: 9200 });
  expect(scrapeConfigs[0]?.relabel_configs?.at(-1)).toMatchObject({
    target_label: '__address__',
    replacement: '$1:9200',
  });
});

test('listens on the address of its node, also where that is one of IPv6', () => {
  expect(containerArgs(objects, 'DaemonSet')).toContain('--web.listen-address=[$(NODE_IP)]:9200');
});

describe('on nodes that differ from a Debian', () => {
  const cloudNodes = { sharedRootMount: false, seccomp: false, seLinuxType: 'spc_t', nodeExporterPort: 9101 };
  const differing = synthesizeChart(
    (chart) => {
      new NodeExporter(chart, 'n');
      new LogCollector(chart, 'l', { loki: new LokiStack(chart, 'loki') });
    },
    { platform: { cloudNodes } },
  );
  const pods = differing.filter(({ kind }) => kind === 'DaemonSet').map(podOf);

  test('asks for no propagation of mounts and no seccomp, and listens on the port that is free', () => {
    expect(pods).toHaveLength(2);
    expect(JSON.stringify(pods)).not.toMatch(/mountPropagation|seccompProfile/);
    expect(JSON.stringify(pods)).toContain('--web.listen-address=[$(NODE_IP)]:9101');
  });

  test('gives the SELinux type to each container that mounts folders of the node', () => {
    const typed = pods.map(({ containers }) =>
      containers.map(({ securityContext }: Manifest) => securityContext.seLinuxOptions?.type),
    );
    expect(typed).toEqual([['spc_t'], ['spc_t', 'spc_t']]);
  });

  test('and without a word asks for what a Debian has', () => {
    expect(JSON.stringify(podOf(findOnly(objects, 'DaemonSet')))).toMatch(/HostToContainer.*RuntimeDefault/s);
  });
});
