import { BasicAuthIngress, Pushgateway, type PushgatewayProps, type ScrapeTarget } from '../../lib';
import { argsOf, containersOf, only } from '../support/manifests';
import { refusal, synthesized } from '../support/synthesize';

const synthesize = (props?: PushgatewayProps) => synthesized((chart) => new Pushgateway(chart, 'p', props));

test('keeps what was pushed over restarts', () => {
  expect(argsOf(synthesize())).toContain('--persistence.file=/data/metrics');
  expect(only(synthesize(), 'StatefulSet').spec.volumeClaimTemplates[0].metadata.name).toBe('data');
});

test('checks what people write, and not what one exporter does', () => {
  expect(argsOf(synthesize())).not.toContain('--push.disable-consistency-check');
  expect(argsOf(synthesize({ consistencyCheck: false }))).toContain('--push.disable-consistency-check');
});

test('is scraped with the labels that were pushed, its node named by the grouping key', () => {
  let job: ScrapeTarget['scrapeConfigs'][number] | undefined;
  synthesized((chart) => {
    job = new Pushgateway(chart, 'p', { routePrefix: '/services' }).scrapeConfigs[0];
  });
  expect(job).toMatchObject({
    honor_labels: true,
    metrics_path: '/services/metrics',
    static_configs: [{ targets: ['pushgateway.monitoring.svc:9091'] }],
    metric_relabel_configs: [
      { source_labels: ['hostname'], target_label: 'node' },
      { source_labels: ['__name__'], target_label: 'pushgateway', replacement: 'pushgateway' },
    ],
  });
});

test('is behind its ingress below its prefix, which its probes know', () => {
  const objects = synthesized((chart) => {
    const ingress = new BasicAuthIngress(chart, 'i', { name: 'i', host: 'a.b', tls: { secretName: 's' } });
    const pushgateway = new Pushgateway(chart, 'p', { ingress, routePrefix: '/services' });
    expect(pushgateway.endpoint.url).toBe('https://a.b/services');
  });
  expect(only(objects, 'Ingress').spec.rules[0].http.paths[0].path).toBe('/services/metrics');
  expect(containersOf(only(objects, 'StatefulSet'))[0]?.readinessProbe?.httpGet?.path).toBe(
    '/services/-/ready',
  );
  expect(JSON.stringify(only(objects, 'NetworkPolicy', 'pushgateway').spec.ingress)).toContain('i-guard');
});

test('without an ingress it is no sink for the edge', () => {
  expect(refusal((chart) => new Pushgateway(chart, 'p').endpoint)).toMatch(
    /nothing at the edge can reach it/,
  );
});

test.each<[PushgatewayProps, RegExp]>([
  [{ routePrefix: 'services' }, /routePrefix is "services"/],
  [{ scrapeInterval: '2h' }, /scrapeInterval is "2h"/],
  [{ storage: '2G' as never }, /storage.size is "2G"/],
])('%j is refused', (props, message) => {
  expect(refusal((chart) => new Pushgateway(chart, 'p', props))).toMatch(message);
});
