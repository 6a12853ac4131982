import {
  incrementRejectedPushes,
  JobLimits,
} from '../../../lib/edge/metrics-agent/push-listener/job-limits.mjs';

const HOUR = 3_600_000;

/** As nginx keeps it for all requests. */
function createSharedDict<Value>() {
  const all = new Map<string, Value>();
  return {
    get: (key: string) => all.get(key),
    has: (key: string) => all.has(key),
    set: (key: string, value: Value) => void all.set(key, value),
    delete: (key: string) => all.delete(key),
    keys: () => [...all.keys()],
  };
}

function createCounters() {
  const all = createSharedDict<number>();
  const incr = (key: string, delta: number, initial: number) => {
    all.set(key, (all.get(key) ?? initial) + delta);
    return all.get(key) ?? initial;
  };
  return { ...all, incr };
}

const numberedSeries = (count: number, name = 'a') =>
  Array.from({ length: count }, (_, at) => `${name}${at}`);

describe('shares of jobs', () => {
  const limits = { jobs: 2, seriesPerJob: 10, bytesPerMinute: 100, pushesPerMinute: 3 };
  const store = createSharedDict<string>();
  const refusals = createCounters();
  const at = (hours: number) => new JobLimits(store, limits, hours * HOUR);

  test('a job keeps its series, and brings no more than it may', () => {
    at(10).enforceSeriesLimit('a', numberedSeries(10));
    expect(() => at(10).enforceSeriesLimit('a', numberedSeries(1, 'b'))).toThrow(
      'more than 10 different series within two hours',
    );
    at(11).enforceSeriesLimit('a', numberedSeries(10));
    at(12).enforceSeriesLimit('a', numberedSeries(10));
  });

  test('another job has its own', () => at(12).enforceSeriesLimit('b', numberedSeries(10, 'c')));

  test('a job too many is refused, until one is idle for two hours', () => {
    expect(() => at(12).enforceSeriesLimit('c', numberedSeries(1))).toThrow(
      '2 jobs push to this node already',
    );
    at(13).enforceSeriesLimit('b', numberedSeries(10, 'c'));
    expect(() => at(13).enforceSeriesLimit('c', numberedSeries(1))).toThrow('2 jobs push');
    at(14).enforceSeriesLimit('c', numberedSeries(1));
  });

  test('series that nobody pushes for two hours make room', () => {
    at(15).enforceSeriesLimit('b', numberedSeries(1, 'c'));
    at(17).enforceSeriesLimit('b', numberedSeries(10, 'd'));
  });

  test('bytes count by the minute, refused ones too', () => {
    const now = at(20);
    now.enforceRateLimit('c', 60);
    expect(() => now.enforceRateLimit('c', 60)).toThrow('more than 100 bytes in this minute');
    const next = new JobLimits(store, limits, 20 * HOUR + 60_000);
    for (let push = 0; push < 3; push++) next.enforceRateLimit('c', 1);
    expect(() => next.enforceRateLimit('c', 1)).toThrow('more than 3 times in this minute');
  });

  test('pushes that are taken count by job, and refused ones by job and reason', () => {
    const now = at(20);
    now.incrementAcceptedPushes('c');
    incrementRejectedPushes(store, refusals, 'c', 'too_many_bytes');
    const metrics = now.renderAndPrunePushCounters(refusals);
    expect(metrics).toContain('edge_pushes_total{job="c"} 1\n');
    expect(metrics).toContain('edge_pushes_refused_total{job="c",reason="too_many_bytes"} 1\n');
  });

  test('refused pushes of all jobs without a share count as one, which takes the place of no job', () => {
    const own = createSharedDict<string>();
    const refused = createCounters();
    const now = new JobLimits(own, limits, 0);
    for (const job of [undefined, 'x', 'y']) incrementRejectedPushes(own, refused, job, 'reserved');
    expect(now.renderAndPrunePushCounters(refused)).toBe(
      'edge_pushes_refused_total{job="(other)",reason="reserved"} 3\n',
    );
    for (const job of ['a', 'b']) now.enforceRateLimit(job, 1);
    expect(() => now.enforceRateLimit('c', 1)).toThrow('2 jobs push to this node already');
    const later = new JobLimits(own, limits, 5 * HOUR);
    later.enforceRateLimit('c', 1);
    expect(later.renderAndPrunePushCounters(refused)).toContain(
      'edge_pushes_refused_total{job="(other)",reason="reserved"} 3\n',
    );
  });

  test('a job that was forgotten leaves no refusals behind', () => {
    const own = createSharedDict<string>();
    const refused = createCounters();
    new JobLimits(own, limits, 0).enforceRateLimit('a b\n', 1);
    incrementRejectedPushes(own, refused, 'a b\n', 'too_large');
    expect(new JobLimits(own, limits, 0).renderAndPrunePushCounters(refused)).toContain(
      'edge_pushes_refused_total{job="a b\\n",reason="too_large"} 1\n',
    );
    const later = new JobLimits(own, limits, 5 * HOUR);
    for (const job of ['b', 'c']) later.enforceRateLimit(job, 1);
    expect(later.renderAndPrunePushCounters(refused)).not.toContain('refused');
    expect(refused.keys()).toEqual([]);
  });
});
