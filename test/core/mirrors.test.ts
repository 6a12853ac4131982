import { App, Chart } from 'cdk8s';
import { EdgeExporter, fromPushgateway, InvalidOptionError, images, Platform } from '../../lib';
import { parseImageReference } from '../../lib/core/image-reference';
import { imageMirror, replaceRegistryWithMirror } from '../../lib/core/mirrors';

const harbor = {
  'quay.io': 'harbor.example.com/quay',
  'docker.io': 'harbor.example.com/dockerhub',
  'registry.k8s.io': 'k8s.example.com',
};

test.each([
  ['quay.io/prometheus/prometheus:v3', 'harbor.example.com/quay/prometheus/prometheus:v3'],
  ['docker.io/library/node:24', 'harbor.example.com/dockerhub/library/node:24'],
  ['docker.io/node:24', 'harbor.example.com/dockerhub/library/node:24'],
  ['grafana/loki:3', 'harbor.example.com/dockerhub/grafana/loki:3'],
  ['registry.k8s.io/pause:3.9', 'k8s.example.com/pause:3.9'],
  [`quay.io/a/b:1@sha256:${'0'.repeat(64)}`, `harbor.example.com/quay/a/b:1@sha256:${'0'.repeat(64)}`],
])('with a mirror for each registry, %s is %s', (reference, copy) => {
  expect(replaceRegistryWithMirror(reference, harbor)).toBe(copy);
  // Once more changes nothing.
  expect(replaceRegistryWithMirror(copy, harbor)).toBe(copy);
});

test('images that are in a mirror already stay there', () => {
  expect(replaceRegistryWithMirror('harbor.example.com/our/modem:1', harbor)).toBe(
    'harbor.example.com/our/modem:1',
  );
  expect(replaceRegistryWithMirror('r.example.com/m/a:1', 'r.example.com/m')).toBe('r.example.com/m/a:1');
});

test('one mirror for all takes images of Docker Hub by their whole name', () => {
  expect(replaceRegistryWithMirror('grafana/loki:3', 'r.example.com/m')).toBe(
    'r.example.com/m/grafana/loki:3',
  );
  expect(replaceRegistryWithMirror('docker.io/node:24', 'r.example.com/m')).toBe(
    'r.example.com/m/library/node:24',
  );
});

test('a mirror may have an address in place of a name', () => {
  for (const address of ['10.0.0.5:5000', '[2001:db8::5]:5000', '[2001:db8::5]']) {
    expect(imageMirror.accepts(`${address}/edge`)).toBe(true);
    const copy = replaceRegistryWithMirror('quay.io/a/b:1', `${address}/edge`);
    expect(copy).toBe(`${address}/edge/a/b:1`);
    expect(parseImageReference(copy)).toEqual({ registry: address, repository: 'edge/a/b', tag: '1' });
  }
  for (const wrong of ['[2001:db8::5', '2001:db8::5', '[2001]:5000', '[::1]:70000', '[10.0.0.5]']) {
    expect(imageMirror.accepts(`${wrong}/edge`)).toBe(false);
  }
});

test('an image of a registry without a mirror is refused, and its registry can be named as its own mirror', () => {
  expect(() => replaceRegistryWithMirror('ghcr.io/a/b:1', harbor)).toThrow(InvalidOptionError);
  expect(() => replaceRegistryWithMirror('ghcr.io/a/b:1', harbor)).toThrow(
    "images.mirror has no entry for ghcr.io, the registry of ghcr.io/a/b:1; existing entries: quay.io, docker.io, registry.k8s.io. Add 'ghcr.io': 'harbor.example.com/path' to use a mirror, or 'ghcr.io': 'ghcr.io' to pull from ghcr.io itself",
  );
  expect(replaceRegistryWithMirror('ghcr.io/a/b:1', { ...harbor, 'ghcr.io': 'ghcr.io' })).toBe(
    'ghcr.io/a/b:1',
  );
});

test('a name that every object has is no registry', () => {
  expect(() => replaceRegistryWithMirror('ghcr.io/constructor:1', { 'quay.io': 'r.example.com' })).toThrow(
    'ghcr.io',
  );
});

test.each([
  ['no registry', {}],
  ['a list', ['r.example.com']],
  ['null', null],
  ['a registry with a path', { 'quay.io/prometheus': 'r.example.com' }],
  ['another name of Docker Hub', { 'index.docker.io': 'r.example.com' }],
  ['a mirror with a scheme', { 'quay.io': 'https://r.example.com' }],
  ['a mirror with a slash at its end', { 'quay.io': 'r.example.com/' }],
  ['no mirror', { 'quay.io': '' }],
  ['a mirror above the root', { 'quay.io': '../../etc' }],
])('%s is refused', (_, mirror) => expect(imageMirror.accepts(mirror)).toBe(false));

test('a platform remembers where the images of its constructs come from', () => {
  const app = new App();
  const chart = new Chart(app, 'edge');
  const overrides = { curl: 'r.example.com/our/curl:9' };
  Platform.define(chart, { images: { mirror: harbor, overrides } });
  const sink = fromPushgateway({ host: 'push.example.com', credentialsSecretName: 'push-credentials' });
  new EdgeExporter(chart, 'modem', { name: 'modem', image: 'nodeExporter', port: 9800, sink });
  const byImage = Object.fromEntries(
    Platform.imagesOf(app).map(({ image, source, isOverride }) => [image, [source, isOverride]]),
  );
  expect(byImage).toEqual({
    'harbor.example.com/quay/prometheus/node-exporter:v1.12.1': [images.nodeExporter, false],
    'r.example.com/our/curl:9': ['r.example.com/our/curl:9', true],
  });
});

test('a platform refuses a mirror that is none', () => {
  expect(() => Platform.define(new Chart(new App(), 'a'), { images: { mirror: '../../etc' } })).toThrow(
    'a: images.mirror is "../../etc"; allowed: a registry host',
  );
});
