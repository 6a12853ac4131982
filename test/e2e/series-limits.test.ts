import { eventually } from './runtime/wait';
import { LIMITS, SEED, WriteStack } from './write-stack';

/** `npm run test:e2e:long` sends fifty times as many. */
const HOSTILE_WRITES = Number(process.env.E2E_HOSTILE_WRITES ?? 1_000);
const FLOODS = Number(process.env.E2E_FLOODS ?? 15);

/** So many series the limiter reads in one request; one of 100,000 costs too much, and is refused whole. */
const READ_AT_ONCE = 20_000;
const MOST_SERIES = LIMITS.nodes * LIMITS.seriesPerNode + LIMITS.sharedSeries;

jest.setTimeout(600_000 + HOSTILE_WRITES * 200);

describe(`hostile writers of series (E2E_SEED=${SEED})`, () => {
  let stack: WriteStack;

  beforeAll(async () => {
    stack = await WriteStack.create();
  });

  afterAll(() => stack?.destroy());

  const headSeries = () => stack.numberOf('prometheus_tsdb_head_series');

  test('a flood of new series costs its sender, and nobody else a sample', async () => {
    const before = await eventually('Prometheus has read itself', headSeries);
    const read = await stack.hostile({ kind: 'flood', count: FLOODS, series: READ_AT_ONCE });
    const whole = await stack.hostile({ kind: 'flood', count: FLOODS, series: 100_000, seed: SEED + 1 });
    expect(read['400']).toBeGreaterThan(FLOODS / 2);
    expect(whole).toEqual({ 400: FLOODS });
    await stack.expectNoHarm();
    const letIn = (await stack.numberOf('count({__name__="flood"})')) ?? 0;
    expect(letIn).toBeGreaterThan(0);
    expect(letIn).toBeLessThanOrEqual(stack.gateways.length * LIMITS.mostSeriesPerNode + mostTakenForKnown());
    expect(((await headSeries()) ?? Number.NaN) - before).toBeLessThan(stack.gateways.length * MOST_SERIES);
    const refused = 'metrics_gateway_limiter_series_refused_total{node="hostile", group="north"}';
    await eventually('it is told of', async () => (await stack.query(refused)).length > 0);
  });

  test('whatever is generated, scrapes answer and the honest samples are there', async () => {
    const answers = await stack.hostile({ kind: 'generated', count: HOSTILE_WRITES });
    // A server that ends answers nothing, and nginx 502 for it.
    expect({ 0: answers['0'] ?? 0, 502: answers['502'] ?? 0 }).toEqual({ 0: 0, 502: 0 });
    expect(answers['204']).toBeGreaterThan(0);
    await stack.expectNoHarm();
    const down = await stack.query('up == 0');
    expect(down.map(({ metric }) => metric.job)).toEqual([]);
    const forged = await stack.query(
      '{group="north", __name__=~"kube_.+|ALERTS|.+:.+"} or {group="north", job=~"loki|prometheus"}',
    );
    expect(forged).toEqual([]);
    // Who is of the group north is nobody of the group south.
    expect(await stack.query('{group="south", __name__!="honest_total", job!~"metrics-gateway-.+"}')).toEqual(
      [],
    );
  });

  test('after a restart of everything, what was known goes on beside the flood', async () => {
    const flooded = stack.hostile({ kind: 'flood', count: FLOODS, series: READ_AT_ONCE, seed: SEED + 2 });
    for (const pod of stack.gateways) for (const container of pod.containers) await container.restart();
    await stack.prometheus.container('prometheus').restart();
    await stack.prometheus.ready();
    await flooded;
    await stack.expectNoHarm();
  });

  test('a user who was removed by the documented command gets nothing in any more', async () => {
    const stolen = stack.credentialsOf('north');
    stack.applyCredentials(['--rotate', '--group', 'north']);
    stack.applyCredentials(['--retire', 'north', '--force']);
    await eventually('the user is out', async () => {
      const answers = await stack.hostile({ kind: 'flood', count: 1, series: 10 }, stolen);
      return answers['401'] === 1;
    });
    await stack.expectNoHarm();
  });
});

/** A series whose hash of 32 bits is that of a known one passes as known: of so many, far more than are to be expected. */
function mostTakenForKnown(): number {
  const expected = (FLOODS * READ_AT_ONCE * LIMITS.mostSeriesPerNode) / 2 ** 32;
  return 10 + 4 * expected;
}
