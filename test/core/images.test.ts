import { image } from '../../lib/core/image-reference';
import { images, imageVersionLabelValue, resolveImage } from '../../lib/core/images';

test.each(Object.entries(images))('the image %s has a registry and a version', (_, reference) => {
  expect(image.accepts(reference)).toBe(true);
});

test('a mirror replaces the registry and keeps the path', () => {
  expect(resolveImage('prometheus', { mirror: 'r.example.com/m' }).image).toBe(
    'r.example.com/m/prometheus/prometheus:v3.14.0',
  );
});

test('a mirror holds for an exporter of your own, too', () => {
  expect(resolveImage('ghcr.io/a/b:1', { mirror: 'r.example.com' }).image).toBe('r.example.com/a/b:1');
});

test('an override is taken as it is', () => {
  const overrides = { loki: 'r.example.com/loki:3.8.0' };
  expect(resolveImage('loki', { mirror: 'other.example.com', overrides }).image).toBe(
    'r.example.com/loki:3.8.0',
  );
});

test('an image without a version is refused', () => {
  expect(() => resolveImage('ghcr.io/a/b:latest', {})).toThrow(
    /image is "ghcr.io\/a\/b:latest"; allowed: .*digest/,
  );
});

test.each([
  ['quay.io/a/b:v1.2.3', 'v1.2.3'],
  ['localhost:5000/a/b:2', '2'],
  [`r/a:3@sha256:${'a'.repeat(64)}`, '3'],
  [`r/a@sha256:${'a'.repeat(64)}`, 'aaaaaaaaaaaa'],
])('the version of %s is %s', (reference, version) =>
  expect(imageVersionLabelValue(reference)).toBe(version),
);
