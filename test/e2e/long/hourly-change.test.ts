import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../runtime/wait';
import { HostileStack, LIMITS, SEED } from '../hostile-stack';

const MINUTE_MS = 60_000;
/** A vmagent forgets which series it has seen an hour after it began. */
const LONGEST_HOUR_MS = 65 * MINUTE_MS;

const KNOWN_TO_VMAGENT = 'vmagent_hourly_series_limit_current_series{job="metrics-gateway"}';
const DROPPED_BY_VMAGENT = 'sum(vmagent_hourly_series_limit_rows_dropped_total{job="metrics-gateway"})';

jest.setTimeout(LONGEST_HOUR_MS + 10 * MINUTE_MS);

describe(`the hourly change of vmagent's own limiter (E2E_SEED=${SEED})`, () => {
  let stack: HostileStack;

  beforeAll(async () => {
    stack = await HostileStack.create();
  });

  afterAll(() => stack?.destroy());

  test('lets no flood grow, and makes no gap in what is known', async () => {
    const start = performance.now();
    let round = 0;
    const flood = () => stack.hostile({ kind: 'flood', count: 2, series: 20_000, seed: SEED + ++round });
    await flood();
    const full = await eventually('Prometheus has read the gateways', async () => {
      const all = await stack.query(`${KNOWN_TO_VMAGENT} >= ${LIMITS.mostSeriesPerNode}`);
      return all.length === stack.gateways.length && all.length;
    });
    const changed = async () => {
      const drops = await stack.query(`resets(${KNOWN_TO_VMAGENT}[2h]) > 0`);
      return drops.length === full;
    };
    while (!(await changed())) {
      if (performance.now() - start > LONGEST_HOUR_MS) throw new Error('no vmagent has changed its limiter');
      await flood();
      await sleep(15_000);
    }
    for (let more = 0; more < 12; more++) {
      await flood();
      await sleep(5_000);
    }
    await stack.expectNoHarm();
    expect(await stack.numberOf(DROPPED_BY_VMAGENT)).toBe(0);
    const letIn = (await stack.numberOf('count(count_over_time({__name__="flood"}[2h]))')) ?? 0;
    const offered = round * 2 * 20_000;
    const takenForKnown = (offered * LIMITS.mostSeriesPerNode) / 2 ** 32;
    expect(letIn).toBeLessThanOrEqual(full * LIMITS.mostSeriesPerNode + 10 + 4 * takenForKnown);
  });
});
