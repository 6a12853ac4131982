import { App } from 'cdk8s';
import {
  CloudChart,
  EdgeChart,
  envoyGateway,
  type IngressController,
  type MetricsStoreType,
  nodeCertificate,
  prometheus,
  prometheusOperator,
  traefik,
} from '../../../lib';
import { findUnrecordedStackObjects } from '../../../lib/tools/applied/adoptable-objects';
import { kubectlResourceType, referenceOf } from '../../../lib/tools/applied/object-reference';
import { renderApp } from '../../../lib/tools/synthesis/render';
import { NODE_CA } from '../../support/node-ca';
import { minimalSettings } from '../../support/settings';

/** Kinds that `prune` never deletes. */
const KEPT = ['namespace', 'secret'];

test.each<[string, IngressController, MetricsStoreType]>([
  ['traefik and a Prometheus', traefik(), prometheus()],
  [
    'envoyGateway and a Prometheus Operator',
    envoyGateway(),
    prometheusOperator({ namespace: 'kps', labels: { release: 'kps' } }),
  ],
])('prune --adopt asks for every kind that %s need', async (_, controller, metricsStore) => {
  const app = new App();
  const settings = {
    ...minimalSettings,
    edge: { transport: 'remote-write' },
    metricsStore,
    ingress: {
      controller,
      tls: { clusterIssuer: 'letsencrypt' },
      authentication: nodeCertificate({ ca: NODE_CA }),
    },
  } as const;
  const { sinks, logs } = new CloudChart(app, 'cloud', { settings });
  new EdgeChart(app, 'edge', { settings, metrics: sinks, logs });
  const kinds = new Set(renderApp(app).map(({ manifest }) => kubectlResourceType(referenceOf(manifest))));
  const types = [...kinds].filter((type) => !KEPT.includes(type)).map(toPlural);
  let asked: readonly string[] = [];
  await findUnrecordedStackObjects(async (...args) => {
    if (args[0] === 'api-resources') return types.join('\n');
    asked = (args[1] ?? '').split(',');
    return JSON.stringify({ items: [] });
  }, []);
  expect([...asked].sort()).toEqual(types.sort());
});

/** Returns the plural that kubectl prints, such as `networkpolicies.networking.k8s.io`. */
function toPlural(type: string): string {
  const [kind = '', ...group] = type.split('.');
  const plural = /[^a]y$/.test(kind)
    ? `${kind.slice(0, -1)}ies`
    : kind.endsWith('s')
      ? `${kind}es`
      : `${kind}s`;
  return [plural, ...group].join('.');
}
