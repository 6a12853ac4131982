import { App } from 'cdk8s';
import { parse } from 'yaml';
import {
  CloudChart,
  certManagerMetrics,
  ingressNginxMetrics,
  type Settings,
  traefikMetrics,
} from '../../lib';
import { configFile, findOnly, type Manifest } from '../support/manifests';
import { minimalSettings } from '../support/settings';

const cloud = (ingress?: Settings['ingress']): Manifest[] =>
  new CloudChart(new App(), 'cloud', { settings: { ...minimalSettings, ingress } }).toJson();

const targets = (objects: Manifest[]): string[] =>
  parse(configFile(objects, 'prometheus-config', 'prometheus.yaml')).scrape_configs.flatMap(
    ({ static_configs = [] }: { static_configs?: { targets: string[] }[] }) =>
      static_configs.flatMap((one) => one.targets),
  );

const hasAlert = (objects: Manifest[]): boolean =>
  JSON.stringify(findOnly(objects, 'ConfigMap', 'prometheus-rules')).includes('CertificateExpiring');

test('where certificates have an issuer, cert-manager says when they end', () => {
  const objects = cloud({ tls: { clusterIssuer: 'letsencrypt' } });
  expect(targets(objects)).toContain('cert-manager.cert-manager.svc:9402');
  expect(hasAlert(objects)).toBe(true);
});

test('otherwise nobody does, and there is no alert that could never fire', () => {
  expect(targets(cloud()).join()).not.toMatch(/cert-manager|ingress-nginx/);
  expect(hasAlert(cloud())).toBe(false);
});

test('what serves them does, where it is named', () => {
  const objects = cloud({
    certificateMetrics: [ingressNginxMetrics(), traefikMetrics({ namespace: 'web', service: 't', port: 81 })],
  });
  expect(targets(objects)).toEqual(
    expect.arrayContaining(['ingress-nginx-controller-metrics.ingress-nginx.svc:10254', 't.web.svc:81']),
  );
  expect(hasAlert(objects)).toBe(true);
  expect(findOnly(objects, 'NetworkPolicy', 'prometheus').spec.egress).toContainEqual({
    to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'web' } } }],
    ports: [{ protocol: 'TCP', port: 81 }],
  });
});

test('of all that they say, only that is kept', () => {
  const [job] = certManagerMetrics().scrapeConfigs;
  expect(job?.metric_relabel_configs).toEqual([
    {
      source_labels: ['__name__'],
      regex: 'certmanager_certificate_expiration_timestamp_seconds',
      action: 'keep',
    },
  ]);
});

test('what is not allowed is refused', () => {
  expect(() => traefikMetrics({ port: 0 })).toThrow(/metrics of traefik: port is 0/);
  expect(() => cloud({ certificateMetrics: ['cert-manager'] as never })).toThrow(
    /settings.ingress.certificateMetrics\[0\] is "cert-manager"; allowed: an object with the fields scrapeConfigs/,
  );
});
