import { computePlanOfValidFleet } from '../../lib/charts/plan';
import { fixedDefaultsOf } from '../../lib/core/option-table';
import type { FleetGroup } from '../../lib/fleet/fleet';
import { toFleetGroupWithDefaults } from '../../lib/fleet/planned-group';
import {
  computeSeriesLimitsOfFleet,
  maxAllowedSeries,
  SERIES_LIMITS,
  type SeriesLimits,
} from '../../lib/fleet/series-limits';

const group = (name: string, nodes: number, series: number): FleetGroup =>
  toFleetGroupWithDefaults({ name, nodes, transport: 'remote-write', traffic: { series } });

const fleet = (groups: readonly FleetGroup[]) => ({
  groups,
  retention: { metrics: '15d', logs: '30d' } as const,
  longestOutage: '1h' as const,
  outOfOrderWindow: '2h' as const,
});

describe('limits of series', () => {
  test('let every node have what the plan says of it, and more, also when all nodes need it at once', () => {
    const groups = [group('small', 100, 200), group('large', 10, 900)];
    const limits = computeSeriesLimitsOfFleet(groups);
    expect(limits.nodes).toBeGreaterThan(110 * 1.2);
    expect(limits.seriesPerNode).toBeGreaterThanOrEqual(900 * 1.5);
    expect(limits.mostSeriesPerNode).toBeGreaterThanOrEqual(limits.seriesPerNode);
  });

  test('stay within a few times of the plan, for a small fleet, too', () => {
    for (const nodes of [3, 50, 5_000]) {
      expect(maxAllowedSeries(computeSeriesLimitsOfFleet([group('all', nodes, 320)]))).toBeLessThan(
        nodes * 320 * 4,
      );
    }
  });

  test('of users whose nodes nobody planned are next to nothing', () => {
    expect(maxAllowedSeries(computeSeriesLimitsOfFleet([]))).toBeLessThan(1_000);
  });

  test('have room in the memory of Prometheus, whichever gateway lets them through', () => {
    const groups = [group('north', 300, 320), group('south', 200, 320)];
    const { prometheus, gateway } = computePlanOfValidFleet(fleet(groups));
    const letThrough = groups
      .map((one) => maxAllowedSeries(computeSeriesLimitsOfFleet([one])))
      .reduce((sum, one) => sum + one);
    const beside = (letThrough - 500 * 320) * gateway.replicas;
    expect(prometheus.memoryAtLimits - prometheus.memory).toBe(beside * 4_400);
    expect(Object.keys(gateway.groupLimits)).toEqual(['north', 'south']);
  });

  test('of a fleet that nobody counted fit into the Prometheus that nobody sized', () => {
    expect(
      2 * maxAllowedSeries(fixedDefaultsOf<SeriesLimits, typeof SERIES_LIMITS>(SERIES_LIMITS)) * 2_200,
    ).toBeLessThan(2 * 2 ** 30);
  });
});
