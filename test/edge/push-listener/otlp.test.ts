import { parseOtlpPushes } from '../../../lib/edge/metrics-agent/push-listener/otlp.mjs';
import {
  prometheusLabelName,
  prometheusMetricName,
} from '../../../lib/edge/metrics-agent/push-listener/otlp-names.mjs';
import { attributeFields, emptyPoints, encodeFixed64, type Field, metricsRequest } from '../../support/otlp';

function encodeDoubles(...values: number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [at, value] of values.entries()) bytes.writeDoubleLE(value, 8 * at);
  return bytes;
}

const doubleBits = (value: number): bigint => encodeDoubles(value).readBigInt64LE();
const TIME = 1_700_000_000_123;
const NOW = TIME + 5;
const LIMITS = { bytesPerPush: 250_000, seriesPerJob: 1_000 };
const NANOSECONDS = BigInt(TIME) * 1_000_000n;

const read = (metric: readonly Field[], resource?: (readonly Field[])[]) =>
  parseOtlpPushes(metricsRequest(metric, resource), NOW, LIMITS, () => {});

const dataPoint = (...more: readonly Field[]): Field => [1, [[3, NANOSECONDS], ...more]];

const parseError = (metric: readonly Field[], resource?: (readonly Field[])[]): string => {
  try {
    read(metric, resource);
  } catch (error) {
    return (error as Error).message;
  }
  return 'taken';
};

describe('OTLP', () => {
  test('a sum that grows is a counter under the name that Prometheus gives it, at the time of its point', () => {
    const metric: Field[] = [
      [1, 'shop.orders'],
      [3, 's'],
      [7, [dataPoint([6, -3n], [7, attributeFields('shop.kind', 'a"b')]), [2, 2], [3, 1]]],
    ];
    const [push] = read(metric, [
      attributeFields('service.name', 'shop'),
      attributeFields('service.namespace', 'trade'),
      attributeFields('service.instance.id', 'one'),
    ]);
    expect([...(push?.labels ?? [])]).toEqual([
      ['job', 'trade/shop'],
      ['instance', 'one'],
    ]);
    expect(push).toMatchObject({ time: TIME, text: 'shop_orders_seconds_total{shop_kind="a\\"b"} -3\n' });
  });

  test.each([
    [0n, TIME],
    [1n, TIME],
    [999_999n, TIME],
    [1_000_000n, TIME + 1],
    [-1n, TIME - 1],
  ])(
    'a time of %d nanoseconds more is that of its millisecond, which is never ahead of the clock',
    (more, time) => {
      const metric: Field[] = [
        [1, 'a'],
        [
          5,
          [
            [
              1,
              [
                [3, NANOSECONDS + more],
                [6, 1n],
              ],
            ],
          ],
        ],
      ];
      expect(read(metric)).toMatchObject([{ time }]);
    },
  );

  test('a gauge has the value of its point', () => {
    const [push] = read([
      [1, 'load'],
      [5, [dataPoint([4, doubleBits(0.5)])]],
    ]);
    expect(push?.text).toBe('load{} 0.5\n');
  });

  test('a histogram has cumulative buckets', () => {
    const counts = Buffer.concat([encodeFixed64(1n), encodeFixed64(2n), encodeFixed64(3n)]);
    const [push] = read([
      [1, 'time'],
      [9, [dataPoint([4, 6n], [5, doubleBits(7.5)], [6, counts], [7, encodeDoubles(1, 5)]), [2, 2]]],
    ]);
    expect(push?.text.split('\n')).toEqual([
      'time_bucket{le="1"} 1',
      'time_bucket{le="5"} 3',
      'time_bucket{le="+Inf"} 6',
      'time_sum{} 7.5',
      'time_count{} 6',
      '',
    ]);
  });

  test('a summary has its quantiles', () => {
    const [push] = read([
      [1, 'time'],
      [
        11,
        [
          dataPoint(
            [4, 2n],
            [5, doubleBits(3)],
            [
              6,
              [
                [1, doubleBits(0.5)],
                [2, doubleBits(1.5)],
              ],
            ],
          ),
        ],
      ],
    ]);
    expect(push?.text).toBe('time{quantile="0.5"} 1.5\ntime_sum{} 3\ntime_count{} 2\n');
  });

  test('a point without a value is left out', () => {
    expect(
      read([
        [1, 'load'],
        [5, [dataPoint([8, 1])]],
      ]),
    ).toEqual([]);
  });

  test('what would be stored wrong is refused, with what to set', () => {
    const sum: Field[] = [
      [1, 'a'],
      [7, [dataPoint([6, 1n]), [2, 1]]],
    ];
    expect(parseError(sum)).toContain('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative');
    expect(
      parseError([
        [1, 'a'],
        [10, [dataPoint()]],
      ]),
    ).toContain('use explicit buckets');
    expect(parseError(sum, [])).toContain('set OTEL_SERVICE_NAME');
    expect(() => parseOtlpPushes(Buffer.from('garbage'), NOW, LIMITS, () => {})).toThrow(
      'not a valid ExportMetricsServiceRequest',
    );
  });

  describe('of a hostile service', () => {
    const gauge = (...points: Field[]): Field[] => [
      [1, 'a'],
      [5, points],
    ];
    const nested = (depth: number): Field[] => (depth ? [[5, [[1, nested(depth - 1)]]]] : [[1, 'x']]);

    test.each<[string, Field[], (readonly Field[])[] | undefined, string]>([
      [
        'a long job',
        gauge(dataPoint()),
        [attributeFields('service.name', 'x'.repeat(257))],
        'longer than 256 bytes',
      ],
      [
        'a job with a newline',
        gauge(dataPoint()),
        [attributeFields('service.name', 'x\ny')],
        'control characters',
      ],
      [
        'a list of lists',
        gauge(dataPoint()),
        [
          [
            [1, 'service.name'],
            [2, nested(2)],
          ],
        ],
        'a list of lists',
      ],
      [
        'a long name',
        [
          [1, 'x'.repeat(256)],
          [5, [dataPoint()]],
        ],
        undefined,
        'longer than 255 bytes',
      ],
      [
        'a long unit',
        [
          [1, 'a'],
          [3, 'x'.repeat(64)],
          [5, [dataPoint()]],
        ],
        undefined,
        'longer than 63 bytes',
      ],
      [
        'a time of its own for each point',
        gauge(
          ...Array.from({ length: 101 }, (_, at): Field => [1, [[3, NANOSECONDS - BigInt(at) * 1_000_000n]]]),
        ),
        undefined,
        'more than 100 combinations of resource and timestamp',
      ],
      [
        'a time ahead',
        gauge([1, [[3, NANOSECONDS + 70_000_000_000n]]]),
        undefined,
        "differs from the node's clock by 70 s",
      ],
      [
        'seconds in place of nanoseconds',
        gauge([1, [[3, NANOSECONDS / 1_000_000_000n]]]),
        undefined,
        'allowed: -86400 to 60 s',
      ],
    ])('%s is refused', (_, metric, resource, message) => {
      expect(parseError(metric, resource)).toContain(message);
    });

    test('many empty points cost no more than they may', () => {
      const small = { bytesPerPush: 250_000, seriesPerJob: 50 };
      expect(() => parseOtlpPushes(emptyPoints('shop', 4_000), NOW, small, () => {})).toThrow(
        'too many fields',
      );
    });

    test('the share of its job is asked for before its points are read', () => {
      const broken = metricsRequest([[5, Buffer.from('garbage')]]);
      const admit = (labels: Map<string, string>): void => {
        throw new Error(`no room for ${labels.get('job')}`);
      };
      expect(() => parseOtlpPushes(broken, NOW, LIMITS, admit)).toThrow('no room for shop');
    });
  });

  test.each<[string, string, boolean, boolean, string]>([
    ['http.server.duration', 'ms', false, false, 'http_server_duration_milliseconds'],
    ['system.cpu.utilization', '1', false, true, 'system_cpu_utilization_ratio'],
    ['net.io', 'By/s', true, false, 'net_io_bytes_per_second_total'],
    ['queue.length', '{items}', false, true, 'queue_length'],
    ['4xx', '', true, false, '_4xx_total'],
  ])('%s in %s has the name of Prometheus', (name, unit, isCounter, isRatio, expected) => {
    expect(prometheusMetricName(name, unit, { isCounter, isRatio })).toBe(expected);
  });

  test('attributes have names of labels', () => {
    expect(['a.b-c', '1st', '_x'].map(prometheusLabelName)).toEqual(['a_b_c', 'key_1st', 'key_x']);
  });
});
