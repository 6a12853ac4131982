import { KubeStateMetrics } from '../../lib';
import { argsOf, only } from '../support/manifests';
import { synthesized } from '../support/synthesize';

const resources = (kubernetesVersion: `1.${number}`) => {
  const objects = synthesized((chart) => new KubeStateMetrics(chart, 'k'), {
    platform: { kubernetesVersion },
  });
  const rules: { apiGroups: string[]; resources: string[] }[] = only(objects, 'ClusterRole').rules;
  const arg = argsOf(objects, 'Deployment').find((one) => one.startsWith('--resources=')) ?? '';
  return {
    watched: arg.replace('--resources=', '').split(','),
    allowed: rules.flatMap((rule) => rule.resources),
  };
};

test('may list exactly what it watches, and no secrets', () => {
  const { watched, allowed } = resources('1.30');
  expect([...allowed].sort()).toEqual(watched);
  expect(watched).not.toContain('secrets');
  expect(watched).not.toContain('configmaps');
});

test('leaves out what an old cluster does not serve', () => {
  expect(resources('1.22').watched).not.toContain('horizontalpodautoscalers');
  expect(resources('1.23').watched).toContain('horizontalpodautoscalers');
});
