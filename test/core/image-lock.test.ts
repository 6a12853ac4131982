import { App, Chart } from 'cdk8s';
import { EdgeExporter, fromPushgateway, images, Platform, type PlatformProps } from '../../lib';
import { IMAGE_LOCK, imageLock } from '../../lib/core/image-lock';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const MODEM = 'ghcr.io/example/modem:1';
const lock = {
  version: 1,
  images: { [images.curl]: digest('a'), [MODEM]: digest('b'), [images.nodeExporter]: digest('c') },
};

/** The images of an exporter and its sidecar. */
function pulled({ context, ...props }: PlatformProps & { context?: unknown }, image = MODEM): string[] {
  const app = new App();
  app.node.setContext(IMAGE_LOCK, context);
  const chart = new Chart(app, 'edge');
  if (props.images) Platform.define(chart, props);
  const sink = fromPushgateway({ host: 'push.example.com', credentialsSecretName: 'push-credentials' });
  new EdgeExporter(chart, 'modem', { name: 'modem', image, port: 9800, sink });
  return Platform.imagesOf(app).map((one) => one.image);
}

const pinned = [`${MODEM}@${digest('b')}`, `${images.curl}@${digest('a')}`];

test('a lock pins images to digests, of a platform, of an app, and of charts without a platform', () => {
  expect(pulled({ images: { lock } }).sort()).toEqual([...pinned].sort());
  expect(pulled({ context: lock, images: {} }).sort()).toEqual([...pinned].sort());
  expect(pulled({ context: lock }).sort()).toEqual([...pinned].sort());
  expect(pulled({ context: null }).sort()).toEqual([MODEM, images.curl].sort());
});

test('a lock of the platform comes before that of the app', () => {
  expect(pulled({ context: { version: 1, images: {} }, images: { lock } })).toContain(pinned[0]);
});

test('a copy in a mirror is pinned to the digest of its source', () => {
  expect(pulled({ images: { lock, mirror: 'r.example.com/m' } })).toContain(
    `r.example.com/m/example/modem:1@${digest('b')}`,
  );
});

test('an image that a lock does not have is an error, unless it names a digest itself', () => {
  expect(() => pulled({ images: { lock } }, 'ghcr.io/example/modem:2')).toThrow(
    'the image ghcr.io/example/modem:2 is not in images.lock.json: run the command lock-images, and commit the file',
  );
  const own = `ghcr.io/example/modem@${digest('d')}`;
  expect(pulled({ images: { lock } }, own)).toContain(own);
});

test.each([
  ['another version', { version: 2, images: {} }],
  ['no images', { version: 1 }],
  ['an image without a tag', { version: 1, images: { 'quay.io/a/b': digest('a') } }],
  ['no digest', { version: 1, images: { [MODEM]: 'latest' } }],
  ['a list', []],
  ['null', null],
])('%s is no lock', (_, value) => expect(imageLock.accepts(value)).toBe(false));
