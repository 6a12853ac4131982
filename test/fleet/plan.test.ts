import { planFleet } from '../../lib/charts/plan';
import { planTable } from '../../lib/charts/plan-table';
import type { Duration } from '../../lib/core/units';
import type { Fleet, FleetGroup } from '../../lib/fleet/fleet';

const group: FleetGroup = {
  name: 'north',
  nodes: 500,
  transport: 'remote-write',
  interval: '10s',
  series: 'standard',
};

const pushing: FleetGroup = { ...group, name: 'south', transport: 'pushgateway', series: 460 };

const fleet = (groups: readonly FleetGroup[] = [group], more: Partial<Fleet> = {}): Fleet => ({
  groups,
  retention: { metrics: '15d', logs: '30d' },
  longestOutage: '1h',
  outOfOrderWindow: '2h',
  ...more,
});

const plan = (...groups: readonly FleetGroup[]) =>
  planFleet('here', fleet(groups.length ? groups : undefined));

const MEBI = 2 ** 20;
const GIBI = 2 ** 30;

test('series and samples follow from nodes, profiles and intervals', () => {
  expect(plan()).toMatchObject({ nodes: 500, series: 160_000, samplesPerSecond: 16_000 });
  expect(plan({ ...group, interval: '1m', series: 'lean' }).samplesPerSecond).toBeCloseTo((500 * 190) / 60);
  expect(plan(group, pushing)).toMatchObject({ nodes: 1_000, series: 160_000 + 230_000 });
});

test('what nobody uses is not planned', () => {
  expect(plan().pushgateway.shards).toBe(0);
  expect(plan(pushing).gateway.replicas).toBe(0);
  expect(plan().loki.storage).toBe(0);
});

test('a Pushgateway holds 500 nodes, and more share more of them', () => {
  expect(plan(pushing).pushgateway.shards).toBe(1);
  expect(plan({ ...pushing, nodes: 501 }).pushgateway.shards).toBe(2);
  expect(plan({ ...pushing, nodes: 2_000 }).pushgateway.shards).toBe(4);
  expect(plan({ ...pushing, nodes: 2_000, interval: '40s' }).pushgateway.shards).toBe(1);
});

test('what was measured of 500 nodes on one shard, on several days, is planned for them, within a quarter', () => {
  const { cores, memory } = plan(pushing).pushgateway;
  for (const measured of [0.28, 0.4, 0.43]) expect(Math.abs(cores / measured - 1)).toBeLessThan(0.25);
  for (const measured of [464, 495, 609]) {
    expect(Math.abs(memory / (measured * MEBI) - 1)).toBeLessThan(0.25);
  }
});

test('a Pushgateway has memory for what limits let through, of nodes that have more than by plan for themselves', () => {
  for (const nodes of [3, 500, 2_000]) {
    const { shards, limits, memory, memoryAtLimits } = plan({ ...pushing, nodes }).pushgateway;
    expect(limits.nodes * shards).toBeGreaterThanOrEqual(1.25 * nodes);
    expect((limits.series * 0.8) / limits.nodes).toBeGreaterThan(460 + 20);
    expect(memoryAtLimits - memory).toBeGreaterThan(0);
  }
  const { prometheus } = plan(pushing);
  expect(prometheus.memoryAtLimits).toBeGreaterThan(1.5 * prometheus.memory);
});

test('what was measured of Prometheus at 400 nodes is planned for them, within a quarter', () => {
  const nodes = { nodes: 400, series: 274 };
  const measured: [FleetGroup, number][] = [
    [{ ...pushing, ...nodes }, 269],
    // With an hour that comes late, in which each series has one sample a minute.
    [{ ...group, ...nodes, interval: '1m' }, 591],
  ];
  for (const [one, value] of measured) {
    expect(Math.abs(plan(one).prometheus.memoryAfterOutage / (value * MEBI) - 1)).toBeLessThan(0.25);
  }
});

test('the longer an outage, the more of what comes late is in memory and on the disk of Prometheus', () => {
  const needed = (one: FleetGroup, longestOutage: Duration) =>
    planFleet('here', fleet([one], { longestOutage, outOfOrderWindow: '1d' })).prometheus;
  for (const field of ['memoryAfterOutage', 'storage'] as const) {
    const growth = (from: Duration, to: Duration) => needed(group, to)[field] - needed(group, from)[field];
    expect(growth('1h', '2h')).toBeGreaterThan(0);
    expect(growth('6h', '12h')).toBeCloseTo(6 * growth('1h', '2h'));
  }
  expect(needed(group, '12h').memory).toBe(needed(group, '1h').memory);
  expect(needed(pushing, '12h')).toEqual(needed(pushing, '1h'));
});

test('disks hold what is kept, and what waits', () => {
  const kept = (days: number) =>
    planFleet('here', fleet([group], { retention: { metrics: `${days}d`, logs: '30d' } })).prometheus.storage;
  expect(kept(45) - kept(30)).toBe(kept(30) - kept(15));
  const waiting = (hours: number) =>
    planFleet('here', fleet([group], { longestOutage: `${hours}h`, outOfOrderWindow: '1d' })).gateway.storage;
  expect(waiting(10)).toBe(10 * waiting(1));
  const { bytesPerDay, storage } = plan({ ...group, logs: '100Mi' }).loki;
  expect(bytesPerDay).toBe((500 * 100 * GIBI) / 1_024);
  expect(storage).toBeLessThan(30 * bytesPerDay);
});

test('a node that writes remotely keeps what waits, as long as the longest outage', () => {
  const waiting = (one: FleetGroup, hours: number) =>
    planFleet('here', fleet([one], { longestOutage: `${hours}h`, outOfOrderWindow: '1d' })).eachNode[0]
      ?.queue;
  expect(waiting(group, 10)).toBe(10 * (waiting(group, 1) ?? 0));
  expect(waiting({ ...group, series: 640 }, 1)).toBe(2 * (waiting(group, 1) ?? 0));
  expect(waiting(pushing, 10)).toBe(0);
});

test('rules cost Prometheus something for each node, however seldom it is measured', () => {
  const cores = (nodes: number) => plan({ ...group, nodes, interval: '1h' }).prometheus.cores;
  // `npm run bench:rules`: 0.9 seconds in each 30 for 500 nodes.
  expect(cores(10_500) - cores(10_000)).toBeCloseTo(0.9 / 30, 3);
});

test('a gateway has a replica more than it needs', () => {
  expect(plan().gateway.replicas).toBe(2);
  expect(plan({ ...group, nodes: 20_000 }).gateway.replicas).toBe(3);
});

test('the uplink is what bench:uplink measured of a node, within a quarter', () => {
  const megabytes = (one: FleetGroup) => (plan(one).eachNode[0]?.metrics ?? 0) / 1e6;
  const measured: [FleetGroup, number][] = [
    [{ ...pushing, series: 401 }, 85.2],
    [{ ...pushing, series: 340 }, 72.3],
    [{ ...group, series: 292 }, 16.9],
  ];
  for (const [one, value] of measured) expect(Math.abs(megabytes(one) / value - 1)).toBeLessThan(0.25);
});

test('targets of exporters count as what they are: series, samples, and pushes of their own', () => {
  const exporters = [{ targets: 10, series: 40, interval: '1m' as const }];
  const added = (one: FleetGroup, figure: (needs: ReturnType<typeof plan>) => number) =>
    figure(plan({ ...one, exporters })) - figure(plan(one));
  for (const one of [group, pushing]) {
    expect(added(one, ({ series }) => series)).toBe(500 * 400);
    expect(added(one, ({ samplesPerSecond }) => samplesPerSecond)).toBeCloseTo((500 * 400) / 60);
  }
  const pushes = added(pushing, ({ eachNode: [node] }) => node?.metrics ?? 0);
  expect(pushes).toBeCloseTo(1_440 * 10 * (5_250 + 40 * 11.5));
  expect(added(group, ({ eachNode: [node] }) => node?.metrics ?? 0)).toBeLessThan(pushes / 5);
});

test('an exporter that is no exporter is refused', () => {
  expect(() => plan({ ...group, exporters: [{ targets: 0, series: 1 }] })).toThrow(
    'exporters[0].targets is 0; allowed: a whole number from 1 to 1000',
  );
});

describe('a budget of the uplink', () => {
  test('is kept in silence', () => {
    expect(() => plan({ ...group, uplinkBudget: '20Mi' })).not.toThrow();
  });

  test('ends in an error that names the shares', () => {
    expect(() => plan({ ...pushing, logs: '30Mi', uplinkBudget: '50Mi' })).toThrow(
      'here: a node of group south sends 107Mi a day, and its uplinkBudget is 50Mi: metrics 87Mi (pushgateway, every 10s), ' +
        'logs 20Mi; measure less often or less, send fewer lines, or raise the budget',
    );
  });
});

test.each<[string, Fleet, RegExp]>([
  [
    'no node',
    fleet([{ ...group, nodes: 0 }]),
    /here: group north: nodes is 0; allowed: a whole number from 1 to 100000/,
  ],
  ['half a node', fleet([{ ...group, nodes: 0.5 }]), /nodes is 0.5/],
  [
    'too many',
    fleet([{ ...group, nodes: 100_000 }, pushing]),
    /together have 100500 nodes; allowed: a whole number/,
  ],
  [
    'an unknown profile',
    fleet([{ ...group, series: 'huge' as never }]),
    /series is "huge"; allowed: .* full, standard, lean/,
  ],
  ['an interval without a unit', fleet([{ ...group, interval: '10' as never }]), /interval is "10"/],
  [
    'an outage of months',
    fleet([group], { longestOutage: '60d' }),
    /longestOutage is "60d"; allowed: a duration from "1s" to "30d"/,
  ],
  [
    'an outage longer than what is kept',
    fleet([group], { longestOutage: '20d', outOfOrderWindow: '30d' }),
    /an outage of 20d is longer than metrics are kept, 15d: keep them longer/,
  ],
  [
    'an outage after which samples are refused',
    fleet([group], { longestOutage: '1d' }),
    /after an outage of 1d samples come later than they are taken, 2h: make retention.outOfOrderWindow/,
  ],
])('%s is refused', (_, one, message) => {
  expect(() => planFleet('here', one)).toThrow(message);
});

test('an outage is no matter of a Pushgateway, which keeps no queue', () => {
  expect(() => planFleet('here', fleet([pushing], { longestOutage: '1d' }))).not.toThrow();
});

test('the table shows what is needed, and what follows at ten times the nodes', () => {
  const table = planTable('north', fleet([{ ...group, logs: '10Mi', uplinkBudget: '50Mi' }]));
  expect(table).toMatch(/^north +now +at 10 times the nodes$/m);
  expect(table).toMatch(/^nodes +500 +5,000$/m);
  expect(table).toMatch(/^series +160,000 +1,600,000$/m);
  expect(table).toMatch(/^ {2}after all nodes had no link for 1h +\d+Mi +[\d.]+Gi$/m);
  expect(table).toMatch(/^gateway of remote write: cores of each +0.03 +0.27$/m);
  expect(table).toMatch(/^ {2}its queue, after 1h without a link +1.1Mi$/m);
  expect(table).toMatch(/^uplink of a node of north, a day +25Mi +metrics 18Mi, logs 6.7Mi, of 50Mi$/m);
});
