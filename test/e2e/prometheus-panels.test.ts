import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { PROMETHEUS_PANELS } from '../../lib/cloud/prometheus';
import type { Panel } from '../../lib/contracts/dashboards';
import { tryRun } from '../runtime/programs';

const folder = mkdtempSync(join(tmpdir(), 'panels-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Samples that each replica stores per minute. */
const PER_MINUTE = 600;

/** Metrics of a replica of Prometheus: 1,000 series, 10 samples per second, 2 bytes per sample. */
const metricsOf = (instance: string) =>
  Object.entries({
    [`prometheus_tsdb_head_series{cluster="c", instance="${instance}"}`]: '1000x1500',
    [`prometheus_tsdb_head_samples_appended_total{cluster="c", instance="${instance}", type="float"}`]: `0+${PER_MINUTE}x1500`,
    [`prometheus_tsdb_compaction_chunk_size_bytes_sum{cluster="c", instance="${instance}"}`]: '0+200x1500',
    [`prometheus_tsdb_compaction_chunk_samples_sum{cluster="c", instance="${instance}"}`]: '0+100x1500',
  }).map(([series, values]) => ({ series, values }));

const expressionOf = (panel?: Panel) =>
  (panel?.queries[0].expr ?? '').replaceAll('$cluster', 'c').replaceAll('$__rate_interval', '5m');

/** Each replica stores all samples, so two replicas do not have twice as many series as one. */
test.each([1, 2])(
  'panels show the series, samples and disk growth of each of %d replicas',
  async (replicas) => {
    const { series, samples, diskGrowth } = PROMETHEUS_PANELS;
    const perSecond = PER_MINUTE / 60;
    const expected = [
      { expr: expressionOf(series), labels: '{}', value: 1_000 },
      { expr: expressionOf(samples), labels: '{type="float"}', value: perSecond },
      { expr: expressionOf(diskGrowth), labels: '{}', value: perSecond * 86_400 * 2 },
    ];
    const file = join(folder, `${replicas}.yaml`);
    const tests = [
      {
        interval: '1m',
        input_series: ['p-0', 'p-1'].slice(0, replicas).flatMap(metricsOf),
        promql_expr_test: expected.map(({ expr, labels, value }) => ({
          expr: `round(${expr}, 0.001)`,
          eval_time: '25h',
          exp_samples: [{ labels, value }],
        })),
      },
    ];
    writeFileSync(file, stringify({ rule_files: [], tests }));
    const { code, stdout, stderr } = await tryRun('promtool', ['test', 'rules', file]);
    expect(code === 0 ? '' : `${stdout}${stderr}`).toBe('');
  },
);
