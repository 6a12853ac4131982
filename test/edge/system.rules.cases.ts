import {
  type AlertCases,
  constantValues,
  nodeSeries,
  SICK,
  seriesOnMovedNode,
  seriesOnNodes,
} from '../support/rule-cases';

export const systemCases: AlertCases = {
  EdgeMemoryPressure: {
    series: {
      ...seriesOnNodes({
        node_memory_MemTotal_bytes: { sick: constantValues(100), well: constantValues(100) },
        node_memory_MemAvailable_bytes: { sick: '50x9 5x30 50x500', well: constantValues(50) },
      }),
      ...seriesOnMovedNode({
        node_memory_MemTotal_bytes: { former: constantValues(100), now: constantValues(100) },
        node_memory_MemAvailable_bytes: { former: constantValues(50), now: '5x29 50x500' },
      }),
    },
    quiet: ['9m', '20m'],
    fires: {
      at: '35m',
      alerts: [
        { labels: SICK, value: '5%' },
        { labels: { ...SICK, node: 'moved' }, value: '5%' },
      ],
    },
    resolved: '42m',
  },
  EdgeOomKill: {
    series: seriesOnNodes({ node_vmstat_oom_kill: { sick: '3x9 5x500', well: constantValues(7) } }),
    quiet: ['9m'],
    fires: { at: '12m', alerts: [{ labels: SICK, value: '2' }] },
    resolved: '30m',
  },
  EdgeCpuSaturated: {
    series: {
      ...seriesOnNodes({
        'node_cpu_seconds_total{mode="idle", cpu="0"}': {
          sick: '0+60x9 540+3x60 720+60x500',
          well: '0+60x600',
        },
        'node_cpu_seconds_total{mode="user", cpu="0"}': { sick: '0x9 0+57x600', well: constantValues(0) },
      }),
      // Busy, and less busy than the average with an idle core.
      ...seriesOnMovedNode({
        'node_cpu_seconds_total{mode="idle", cpu="0"}': { former: constantValues(540), now: '0+9x600' },
      }),
    },
    quiet: ['9m', '40m'],
    fires: { at: '60m', alerts: [{ labels: SICK, value: '95%' }] },
    resolved: '80m',
  },
  EdgeTemperatureHigh: {
    series: {
      ...seriesOnNodes({
        'node_thermal_zone_temp{zone="0", type="cpu"}': {
          sick: '50x9 85x30 50x500',
          well: constantValues(60),
        },
      }),
      [nodeSeries('node_hwmon_temp_celsius{chip="a", sensor="t1"}', 'sick')]: constantValues(40),
    },
    quiet: ['9m', '15m'],
    fires: { at: '30m', alerts: [{ labels: SICK, value: '85' }] },
    resolved: '42m',
  },
  EdgeCpuThrottled: {
    series: {
      ...seriesOnNodes({
        'node_cpu_core_throttles_total{core="0", package="0"}': {
          sick: '0x9 0+2x40 80x500',
          well: constantValues(7),
        },
      }),
      [nodeSeries('node_cpu_package_throttles_total{package="0"}', 'sick')]: constantValues(3),
    },
    quiet: ['9m', '20m'],
    fires: { at: '45m', alerts: [{ labels: SICK, value: '30' }] },
    resolved: '70m',
  },
  EdgeRebootLoop: {
    series: seriesOnNodes({
      node_time_seconds: { sick: '0+60x600', well: '0+60x100 900000+60x500' },
      // Three starts; and a clock that is set, which moves the time of the start with it.
      node_boot_time_seconds: { sick: '-5000x9 500x10 1100x10 1700x500', well: '-5000x100 888000x500' },
    }),
    quiet: ['9m', '25m'],
    fires: { at: '35m', alerts: [{ labels: SICK, value: '3' }] },
    resolved: '160m',
  },
};
