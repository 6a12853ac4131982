import { readFileSync } from 'node:fs';
import type { EdgeSettings } from '../../lib/charts/edge-settings';
import { planFleet } from '../../lib/charts/plan';
import { formatPlanTable } from '../../lib/charts/plan-table';
import { fleetFromSettings } from '../../lib/charts/sizes';
import type { Duration, Quantity } from '../../lib/core/units';
import { KUBELET_SCRAPE } from '../../lib/edge/metrics-agent/options';
import { SELF_SCRAPE_INTERVAL } from '../../lib/edge/metrics-agent/scrape-jobs';
import { resolveMetricsProfile } from '../../lib/edge/node-exporter';
import { AGENT_SERIES, SERIES } from '../../lib/fleet/coefficients';
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
  expect(plan()).toMatchObject({ nodes: 500, series: 170_000 });
  expect(plan().samplesPerSecond).toBeCloseTo(500 * (80 / 10 + 140 / 60 + 100 / 30 + 20 / 60));
  expect(plan({ ...group, interval: '1m', series: 'lean' }).samplesPerSecond).toBeCloseTo(
    500 * (60 / 60 + 110 / 120 + 70 / 30 + 20 / 60),
  );
  expect(plan(group, pushing)).toMatchObject({ nodes: 1_000, series: 170_000 + 230_000 });
});

test('what a profile scrapes less often is never scraped more often than the interval', () => {
  const slow = plan({ ...group, interval: '2m' }).samplesPerSecond / 500;
  expect(slow).toBeCloseTo((80 + 140) / 120 + 100 / 30 + 20 / 60);
});

test('a sidecar pushes all that the collectors of a profile say, each time', () => {
  const { series, samplesPerSecond } = plan({ ...pushing, series: 'standard' });
  expect([series, samplesPerSecond]).toEqual([500 * 490, (500 * 490) / 10]);
});

test('series that were counted are scraped as often as those of their profile, or else at the interval', () => {
  const counted = { ...group, series: 680 };
  expect(plan({ ...counted, profile: 'standard' }).samplesPerSecond).toBeCloseTo(2 * plan().samplesPerSecond);
  expect(plan({ ...counted, profile: 'standard' }).series).toBeCloseTo(340_000);
  expect(plan(counted).samplesPerSecond).toBe((500 * 680) / 10);
});

test('the plan knows how often agents scrape what changes seldom', () => {
  for (const profile of ['standard', 'lean'] as const) {
    expect(SERIES[profile].slowInterval).toBe(resolveMetricsProfile(profile).slowMetrics?.interval);
  }
  expect(AGENT_SERIES).toMatchObject({
    containersInterval: KUBELET_SCRAPE.interval.default,
    ownInterval: SELF_SCRAPE_INTERVAL,
  });
});

test('settings say the pace of a group: its freshness, its batches, and what it counted', () => {
  const groupFor = (edge: EdgeSettings) => {
    const hosts = { metrics: 'push.example.com', logs: 'logs.example.com' };
    const settings = { cluster: 'north', hosts, edge: { transport: 'remote-write' as const, ...edge } };
    return fleetFromSettings('here', settings)?.groups[0];
  };
  const fleet = { nodes: 3 };
  expect(groupFor({ fleet })).toMatchObject({ series: 'standard', profile: 'standard' });
  expect(groupFor({ fleet, freshness: 'frugal' })).toMatchObject({ interval: '30s', batchWait: '2m' });
  expect(groupFor({ fleet, logs: { sending: { batchWait: '1m' } } })).toMatchObject({ logBatchWait: '1m' });
  expect(groupFor({ fleet: { ...fleet, series: 500 }, profile: 'lean' })).toMatchObject({
    series: 500,
    profile: 'lean',
  });
  // Its agents scrape all of it at the interval.
  const own = groupFor({ fleet, profile: { metrics: ['node_.+'] } });
  expect(own).toMatchObject({ series: 340, profile: undefined });
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
  expect(kept(45) - kept(30)).toBeCloseTo(kept(30) - kept(15));
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
  const counted = (series: number) => waiting({ ...group, series, profile: 'standard' }, 1);
  expect(counted(680)).toBe(2 * (waiting(group, 1) ?? 0));
  expect(waiting(pushing, 10)).toBe(0);
});

test('rules cost Prometheus something for each node, however seldom it is measured', () => {
  const cores = (nodes: number) => plan({ ...group, nodes, series: 1, interval: '1h' }).prometheus.cores;
  // `npm run bench:rules`: 0.9 seconds in each 30 for 500 nodes.
  expect(cores(10_500) - cores(10_000)).toBeCloseTo(0.9 / 30, 3);
});

test('a gateway has a replica more than it needs', () => {
  expect(plan().gateway.replicas).toBe(2);
  expect(plan({ ...group, nodes: 20_000 }).gateway.replicas).toBe(3);
});

/** The nodes of `npm run bench:uplink`: two cores and no kubelet. */
const measuredNode = (frequent: number, slow: FleetGroup['exporters'], more: Partial<FleetGroup> = {}) => ({
  // Metrics of each scrape about itself.
  ...{ ...group, nodes: 1, series: frequent + 6, ...more },
  exporters: [...(slow ?? []), { series: 20, interval: '60s' as const }],
});
const slowOf = (series: number, interval: Duration) => [{ series, interval }];
const frugal = { interval: '30s', batchWait: '2m' } as const;

test.each<[string, FleetGroup, number]>([
  ['a sidecar, full', { ...pushing, series: 532 }, 86.2],
  ['a sidecar, standard', { ...pushing, series: 374 }, 73.4],
  ['all metrics of the collectors of standard', measuredNode(286, []), 16.7],
  ['fresh', measuredNode(47, slowOf(109, '60s'), { batchWait: '25s' }), 11.3],
  ['balanced', measuredNode(47, slowOf(109, '60s')), 8.8],
  ['frugal', measuredNode(47, slowOf(109, '60s'), frugal), 5.6],
  ['lean', measuredNode(33, slowOf(86, '2m')), 6.7],
  ['lean, as seldom as frugal', measuredNode(33, slowOf(86, '2m'), frugal), 4.6],
])(
  'the uplink of a node, %s, is planned as bench:uplink measured it, within 15 percent',
  (_, one, megabytes) => {
    const planned = (plan(one).eachNode[0]?.metrics ?? 0) / 1e6;
    expect(Math.abs(planned / megabytes - 1)).toBeLessThan(0.15);
  },
);

// `npm run bench:logs`: lines of 136 bytes, one in two seconds of each container, sent and received.
test.each<[containers: number, kilobytes: readonly number[]]>([
  [1, [234.9, 206.9, 181.9]],
  [20, [40.2, 53.1, 52.1]],
  [40, [34.1, 48.7, 50.1]],
])(
  'lines of %d containers are planned as bench:logs measured them, with what the costliest agent takes',
  (containers, kilobytes) => {
    const lines = (containers * 86_400) / 2;
    const logs: Quantity = `${Math.round((lines * 136) / 1_024)}Ki`;
    const planned = ((plan({ ...group, logs }).eachNode[0]?.logs ?? 0) / lines) * 1_000;
    const most = Math.max(...kilobytes) * 1_000;
    expect(planned).toBeGreaterThan(0.7 * most);
    expect(planned).toBeLessThan(1.25 * most);
  },
);

test('lines that are seldom are sent one by one', () => {
  const sent = (logs: Quantity, logBatchWait?: Duration) =>
    plan({ ...group, logs, logBatchWait }).eachNode[0]?.logs ?? 0;
  expect(sent('100Ki')).toBeCloseTo((102_400 / 136) * (1_000 + 0.35 * 136));
  expect(sent('100Mi', '10s') - sent('100Mi', '60s')).toBeCloseTo((8_640 - 1_440) * 1_000);
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
  expect(pushes).toBeCloseTo(1_440 * 10 * (5_000 + 40 * 9.4));
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
      'here: a node of the group south sends 96Mi per day, but uplinkBudget is 50Mi: metrics 77Mi (pushgateway, every 10s), ' +
        'logs 19Mi; increase the scrape interval, choose a smaller profile, send fewer log lines, or increase uplinkBudget',
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
    /longestOutage is 20d, but metrics are only retained for 15d: increase/,
  ],
  [
    'an outage after which samples are refused',
    fleet([group], { longestOutage: '1d' }),
    /only accepts samples of the last 2h: increase retention.outOfOrderWindow/,
  ],
])('%s is refused', (_, one, message) => {
  expect(() => planFleet('here', one)).toThrow(message);
});

test('an outage is no matter of a Pushgateway, which keeps no queue', () => {
  expect(() => planFleet('here', fleet([pushing], { longestOutage: '1d' }))).not.toThrow();
});

test('the table shows what is needed, and what follows at ten times the nodes', () => {
  const table = formatPlanTable('north', fleet([{ ...group, logs: '10Mi', uplinkBudget: '50Mi' }]));
  expect(table).toMatch(/^north +now +at 10 times the nodes$/m);
  expect(table).toMatch(/^nodes +500 +5,000$/m);
  expect(table).toMatch(/^series +170,000 +1,700,000$/m);
  expect(table).toMatch(/^ {2}memory when all nodes return after 1h +\d+Mi +[\d.]+Gi$/m);
  expect(table).toMatch(/^metrics gateway: cores of each replica +0.03 +0.29$/m);
  expect(table).toMatch(/^ {2}queue of a node after 1h without uplink +714Ki$/m);
  expect(table).toMatch(
    /^uplink traffic of a node of north per day +25Mi +metrics 13Mi, logs 12Mi, of 50Mi$/m,
  );
});

describe('of two Prometheus', () => {
  const planOf = (nodes: number, store?: Fleet['store']) =>
    planFleet('here', fleet([{ ...group, nodes }], { store }));

  test('more than ten nodes have them, unless somebody says otherwise', () => {
    expect(planOf(10).prometheus.replicas).toBe(1);
    expect(planOf(11).prometheus.replicas).toBe(2);
    expect(planOf(1_000, { kind: 'prometheus', replicas: 1 }).prometheus.replicas).toBe(1);
    expect(planOf(3, { kind: 'prometheus', replicas: 2 }).prometheus.replicas).toBe(2);
  });

  test.each([20, 1_000, 10_000, 100_000])('%i nodes cost at most 2.1 times as much as with one', (nodes) => {
    const total = (replicas: number) => {
      const { prometheus, gateway } = planOf(nodes, { kind: 'prometheus', replicas });
      return {
        cores: prometheus.replicas * prometheus.cores + gateway.replicas * gateway.cores,
        memory: prometheus.replicas * prometheus.memoryAfterOutage,
        storage: prometheus.replicas * prometheus.storage + gateway.replicas * gateway.storage,
      };
    };
    const [one, two] = [total(1), total(2)];
    for (const kind of ['cores', 'memory', 'storage'] as const) {
      expect(two[kind] / one[kind]).toBeGreaterThan(1.3);
      expect(two[kind] / one[kind]).toBeLessThanOrEqual(2.1);
    }
  });
});

describe('the plan in docs/metrics-stores.md', () => {
  const page = readFileSync('docs/metrics-stores.md', 'utf8');
  const planOf = (nodes: number, kind: 'prometheus' | 'victoria-metrics') =>
    planFleet('page', {
      groups: [{ name: 'a', nodes, transport: 'remote-write', interval: '10s', series: 'standard' }],
      retention: { metrics: '15d', logs: '30d' },
      longestOutage: '1h',
      outOfOrderWindow: '2h',
      store: { kind },
    });
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  const cells = (pods: number, { cores, memory }: { cores: number; memory: number }, volume?: number) =>
    [pods, cores.toFixed(2), gib(memory), volume === undefined ? 'none' : gib(volume)].join(' | ');

  test.each([1_000, 10_000, 100_000])('is that of %i nodes', (nodes) => {
    const { prometheus } = planOf(nodes, 'prometheus');
    const { victoriaMetrics, evaluation } = planOf(nodes, 'victoria-metrics');
    const { storage, insert, select } = victoriaMetrics;
    const programs = {
      Prometheus: cells(prometheus.replicas, prometheus, prometheus.storage),
      vmstorage: cells(storage.pods, storage, storage.volume),
      vminsert: cells(insert.pods, insert),
      vmselect: cells(select.pods, select),
      vmalert: cells(2, evaluation.rules),
    };
    const rows = Object.entries(programs).map(
      ([program, planned]) => `| ${nodes.toLocaleString('en-US')} | ${program} | ${planned} |`,
    );
    expect(page).toContain(rows.join('\n'));
  });
});
