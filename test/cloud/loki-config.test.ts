import { parse } from 'yaml';
import { LokiStack, type LokiStackProps, replicated } from '../../lib';
import { toLokiDuration, toLokiMebibytes, toLokiSize } from '../../lib/cloud/loki/units';
import { EXAMPLE_NAMES, exampleManifests } from '../support/examples';
import { lokiProblems } from '../support/loki-format';
import { configFile, findOnly, type Manifest, podOf } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';

const configuration = (objects: readonly Manifest[]) =>
  parse(configFile(objects, 'loki-config', 'loki.yaml'));
const configured = (props: LokiStackProps) =>
  configuration(synthesizeChart((chart) => new LokiStack(chart, 'l', props)));

describe('units of Loki', () => {
  test.each([
    ['256Ki', '262144B'],
    ['1.5Mi', '1572864B'],
    ['0.3Ki', '308B'],
    ['2Gi', '2147483648B'],
  ] as const)('the size %s is %s', (given, expected) => expect(toLokiSize(given)).toBe(expected));

  test.each([
    ['8d', '192h'],
    ['1y', '8760h'],
    ['90m', '90m'],
    ['90s', '90s'],
    ['120s', '2m'],
  ] as const)('the duration %s is %s', (given, expected) => expect(toLokiDuration(given)).toBe(expected));

  test('megabytes are of 1,024', () => expect(toLokiMebibytes('512Ki')).toBe(0.5));
});

describe('the checker of Loki’s configuration', () => {
  test.each<[string, object, RegExp]>([
    ['sizes of Kubernetes', { limits_config: { max_line_size: '256KiB' } }, /max_line_size: "256KiB"/],
    ['a size without a number', { limits_config: { max_line_size: 'KB' } }, /max_line_size/],
    ['fractions where Prometheus reads', { limits_config: { retention_period: '1.5h' } }, /no fractions/],
    ['days where Go reads', { ingester: { max_chunk_age: '1d' } }, /no days/],
    ['a number as text', { limits_config: { max_query_series: '500' } }, /a whole number/],
    ['an unknown key', { limits_config: { max_lines_size: '1B' } }, /max_lines_size: unknown/],
    ['an unknown section', { limit_config: {} }, /limit_config: unknown/],
    ['a section that is a value', { ingester: 'big' }, /ingester: "big"/],
    ['a list’s item', { limits_config: { retention_stream: [{ period: '1.5d' }] } }, /period: "1.5d"/],
  ])('refuses %s', (_, given, message) => expect(lokiProblems(given).join()).toMatch(message));

  test('takes each notation that Loki does', () => {
    for (const max_line_size of ['262144B', '256KB', '256kb', '1M', 262_144]) {
      expect(lokiProblems({ limits_config: { max_line_size } })).toEqual([]);
    }
  });
});

test('a push is not unpacked without a limit, and garbage is collected before the memory is used up', () => {
  const objects = synthesizeChart((chart) => {
    new LokiStack(chart, 'l', { resources: { cpu: '1', memory: '1Gi', memoryLimit: '2Gi' } });
  });
  const { distributor } = configuration(objects);
  expect(distributor).toEqual({ max_recv_msg_size: 2 ** 24, max_decompressed_size: 2 ** 24 });
  const [container] = podOf(findOnly(objects, 'StatefulSet')).containers;
  expect(container.env).toContainEqual({ name: 'GOMEMLIMIT', value: `${Math.floor(0.8 * 2 ** 31)}` });
});

describe('Loki would start with the configuration', () => {
  test.each(EXAMPLE_NAMES)('of the environment %s', (environment) => {
    expect(lokiProblems(configuration(exampleManifests(environment)))).toEqual([]);
  });

  const objectStorage = { bucket: 'our-logs', endpoint: 'http://minio.storage.svc:9000' };
  test.each<[string, LokiStackProps]>([
    ['nothing that was chosen', {}],
    ['replicas', { deployment: replicated({ objectStorage }) }],
    [
      'a bucket of Amazon’s',
      { deployment: replicated({ objectStorage: { bucket: 'our-logs', region: 'eu-west-1' } }) },
    ],
    ['odd durations', { retention: '90000s', maxLineAge: '90m' }],
    ['odd sizes', { limits: { lineSize: '0.3Ki', ingestionRate: '0.1Gi', streams: 1 } }],
    ['retention by stream', { streamRetention: [{ selector: '{a="b"}', period: '1y' }] }],
    ['tenants', { multiTenancy: { tenants: ['north', 'south'] } }],
  ])('of %s', (_, props) => expect(lokiProblems(configured(props))).toEqual([]));
});
