import type { App } from 'cdk8s';
import { CloudChart, EdgeChart, fluentBit, type LogAgent, type Settings } from '../../../lib';
import { createImageLock, describeLockChanges } from '../../../lib/tools/lock/lock-images';
import { neededImages } from '../../../lib/tools/lock/needed-images';
import { renderEnvironments } from '../../../lib/tools/synthesis/synthesize';
import { minimalSettings } from '../../support/settings';

const digestOf = (digit: string) => `sha256:${digit.repeat(64)}`;

const createEnvironment = (settings: Settings) => (app: App) => {
  const { metrics, logs } = new CloudChart(app, 'cloud', { settings });
  new EdgeChart(app, 'edge', { settings, metrics, logs });
};

/** Returns the architectures that each image must support, by a part of the name of the image. */
function neededArchitectures(settings: Settings) {
  const found = neededImages(renderEnvironments({ site: createEnvironment(settings) }));
  return (part: string) => found.find(({ source }) => source.includes(part))?.architectures;
}

describe('an image has to be for', () => {
  test('the nodes of the cloud, of the edge, or of both', () => {
    const of = neededArchitectures(minimalSettings);
    expect(of('grafana/grafana:')).toEqual(['amd64', 'arm64']);
    expect(of('curlimages/curl')).toEqual(['amd64', 'arm64', 'arm']);
  });

  test('the nodes that the settings name', () => {
    const of = neededArchitectures({
      ...minimalSettings,
      images: { architectures: { cloud: ['amd64'], edge: ['arm'] } },
    });
    expect(of('grafana/grafana:')).toEqual(['amd64']);
    expect(of('curlimages/curl')).toEqual(['amd64', 'arm']);
  });

  test('the nodes that a workload may be scheduled to', () => {
    const agent: LogAgent = { ...fluentBit(), architectures: ['amd64', 'arm64'] };
    expect(neededArchitectures({ ...minimalSettings, edge: { logs: { agent } } })('fluent-bit')).toEqual([
      'amd64',
      'arm64',
    ]);
    const selected = { nodeSelector: { 'kubernetes.io/arch': 'arm64' } };
    const of = neededArchitectures({
      ...minimalSettings,
      images: { architectures: { cloud: ['amd64'] } },
      edge: selected,
    });
    expect(of('curlimages/curl')).toEqual(['amd64', 'arm64']);
  });
});

test('two mirrors with different copies of an image are an error', async () => {
  const both = ['a.example.com/x:1', 'b.example.com/x:1'].map((image) => ({
    ...{ source: 'quay.io/x:1', image, architectures: [] },
  }));
  const different = createImageLock(both, async (image) => ({
    digest: digestOf(image.startsWith('a') ? 'a' : 'b'),
    platforms: [],
  }));
  await expect(different).rejects.toThrow(
    'a.example.com/x:1 and b.example.com/x:1 have different digests: copy quay.io/x:1 to each mirror again, with all architectures',
  );
  const same = await createImageLock(both, async () => ({ digest: digestOf('a'), platforms: [] }));
  expect(same).toEqual({ version: 1, images: { 'quay.io/x:1': digestOf('a') } });
});

test('what differs between locks is a sentence for each image', () => {
  const lock = (images: Record<string, string>) => ({ version: 1, images });
  expect(describeLockChanges(undefined, lock({ a: '1' }))).toEqual(['a is new: 1']);
  expect(describeLockChanges(lock({ a: '1', b: '2', c: '3' }), lock({ a: '1', b: '4', d: '5' }))).toEqual([
    'b changed from 2 to 4',
    'c is no longer used',
    'd is new: 5',
  ]);
});
