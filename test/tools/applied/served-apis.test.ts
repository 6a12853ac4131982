import { App } from 'cdk8s';
import { CloudChart, prometheusOperator } from '../../../lib';
import { performApply } from '../../../lib/tools/applied/perform-apply';
import { renderApp } from '../../../lib/tools/synthesis/render';
import { minimalSettings } from '../../support/settings';

const app = new App();
const metricsStore = prometheusOperator({ namespace: 'kps', labels: { release: 'kps' } });
new CloudChart(app, 'cloud', { settings: { ...minimalSettings, metricsStore } });

test('a cluster without the Prometheus Operator is not touched, and the message says what to install', async () => {
  const calls: string[] = [];
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    calls.push(args.join(' '));
    return 'v1\napps/v1\nmonitoring.coreos.com/v1\n';
  };
  const options = {
    ...{ environment: 'north', objects: renderApp(app), onlyNamespaces: false, onlyRecord: false },
    ...{ forceConflicts: false, allowForeign: true },
  };
  await expect(performApply(options, { kubectl, io: { stdout: () => {} } })).rejects.toThrow(
    [
      'nothing was applied, because the API server does not serve these APIs of the manifests:',
      '  monitoring.coreos.com/v1alpha1: install the Prometheus Operator with its CRDs, for example with kube-prometheus-stack',
    ].join('\n'),
  );
  expect(calls).toEqual(['config current-context', 'api-versions']);
});
