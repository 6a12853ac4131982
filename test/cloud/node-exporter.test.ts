import { App, Chart } from 'cdk8s';
import { NodeExporter } from '../../lib';
import { argsOf, only, podOf } from '../support/manifests';
import { synthesized } from '../support/synthesize';

const objects = synthesized((chart) => new NodeExporter(chart, 'n', { port: 9200 }));

test('runs on every node but those of the edge, whatever their taints', () => {
  const pod = podOf(only(objects, 'DaemonSet'));
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
  expect(argsOf(objects, 'DaemonSet')).toContain('--web.listen-address=[$(NODE_IP)]:9200');
});
