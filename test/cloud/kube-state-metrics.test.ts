import { KubeStateMetrics } from '../../lib';
import { containerArgs, containersOf, findOnly } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';

const resources = (kubernetesVersion: `1.${number}`) => {
  const objects = synthesizeChart((chart) => new KubeStateMetrics(chart, 'k'), {
    platform: { kubernetesVersion },
  });
  const rules: { apiGroups: string[]; resources: string[] }[] = findOnly(objects, 'ClusterRole').rules;
  const arg = containerArgs(objects, 'Deployment').find((one) => one.startsWith('--resources=')) ?? '';
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

test('is alive without the API server, and ready once it shows metrics', () => {
  const [container] = containersOf(
    findOnly(
      synthesizeChart((chart) => new KubeStateMetrics(chart, 'k')),
      'Deployment',
    ),
  );
  expect(container?.livenessProbe?.httpGet).toMatchObject({ path: '/healthz', port: 'http' });
  expect(container?.readinessProbe?.httpGet).toMatchObject({ path: '/readyz', port: 'telemetry' });
});

test('leaves out what an old cluster does not serve', () => {
  expect(resources('1.22').watched).not.toContain('horizontalpodautoscalers');
  expect(resources('1.23').watched).toContain('horizontalpodautoscalers');
});

test('shows the labels of nodes by which groups are told apart, and no others', () => {
  const withLabels = (nodeLabels?: readonly string[]) =>
    containerArgs(
      synthesizeChart((chart) => new KubeStateMetrics(chart, 'k', { nodeLabels })),
      'Deployment',
    );
  expect(withLabels(['site', 'apps.kubeedge.io/belonging-to', 'site'])).toContain(
    '--metric-labels-allowlist=nodes=[apps.kubeedge.io/belonging-to,site]',
  );
  expect(withLabels().join()).not.toContain('allowlist');
});
