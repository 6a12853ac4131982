import type { RuleSource } from '../../contracts/rules';
import { record } from '../../core/alerts';
import { between, percent, type ThresholdTable, thresholds } from '../../core/thresholds';
import { current, edgeAlert, heardOf, NODE, NODE_IN_WORDS } from '../edge-alert';

/** Thresholds of the alerts about the load of edge nodes. */
export interface SystemThresholds {
  /** Used memory, in percent. @default 90 */
  readonly memoryUsedPercent: number;
  /** CPU utilization over half an hour, in percent. @default 90 */
  readonly cpuUsedPercent: number;
  /** Temperature of the hottest sensor, in degrees Celsius; boards throttle from about 80. @default 80 */
  readonly temperatureCelsius: number;
  /** Number of boots within two hours. @default 3 */
  readonly reboots: number;
}

export const SYSTEM_THRESHOLDS: ThresholdTable<SystemThresholds> = {
  memoryUsedPercent: percent(90),
  cpuUsedPercent: percent(90),
  temperatureCelsius: between(-40, 150, 80, 'degrees Celsius'),
  reboots: between(1, 1_000, 3, 'starts'),
};

/** Returns rules about CPU, memory, temperature and reboots of edge nodes. */
export function systemRules(given: Partial<SystemThresholds> = {}): RuleSource {
  const limits = thresholds('edge-system', SYSTEM_THRESHOLDS, given);
  const of = (metric: string) => `max by (${NODE}) ${current(metric)}`;
  return {
    ruleGroups: [
      {
        name: 'edge-system',
        rules: [
          record(
            'edge_node:memory_available:ratio',
            'Share of memory that programs can still get, of nodes that are heard of',
            heardOf(`${of('node_memory_MemAvailable_bytes')} / ${of('node_memory_MemTotal_bytes')}`),
          ),
          record(
            'edge_node:cpu_used:ratio',
            'Share of processor time in use, of nodes that are heard of',
            heardOf(`1 - avg by (${NODE}) ${current('rate(node_cpu_seconds_total{mode="idle"}[5m])')}`),
          ),
          record(
            'edge_node:temperature:celsius',
            'The hottest sensor, of nodes that are heard of',
            heardOf(of('(node_hwmon_temp_celsius or node_thermal_zone_temp)')),
          ),
          record(
            'edge_node:uptime:seconds',
            'Time since the start, of nodes that are heard of; a clock that is set does not change it',
            heardOf(`${of('node_time_seconds')} - ${of('node_boot_time_seconds')}`),
          ),
          edgeAlert('EdgeMemoryPressure', {
            severity: 'warning',
            for: '15m',
            expr: `edge_node:memory_available:ratio < ${Number((1 - limits.memoryUsedPercent / 100).toFixed(4))}`,
            summary: `Memory is short: ${NODE_IN_WORDS}`,
            description: `Programs of ${NODE_IN_WORDS} can still get {{ $value | humanizePercentage }} of its memory.`,
          }),
          edgeAlert('EdgeOomKill', {
            severity: 'warning',
            expr: `${of('increase(node_vmstat_oom_kill[15m])')} > 0`,
            summary: `Programs were killed for want of memory: ${NODE_IN_WORDS}`,
            description: `The kernel of ${NODE_IN_WORDS} killed {{ $value | printf "%.0f" }} processes for want of memory within a quarter of an hour.`,
          }),
          edgeAlert('EdgeCpuSaturated', {
            severity: 'warning',
            for: '30m',
            expr: `edge_node:cpu_used:ratio > ${limits.cpuUsedPercent / 100}`,
            summary: `Processors are busy: ${NODE_IN_WORDS}`,
            description: `{{ $value | humanizePercentage }} of the processor time of ${NODE_IN_WORDS} is in use.`,
          }),
          edgeAlert('EdgeTemperatureHigh', {
            severity: 'warning',
            for: '10m',
            expr: `edge_node:temperature:celsius > ${limits.temperatureCelsius}`,
            summary: `Hot: ${NODE_IN_WORDS}`,
            description: `The hottest sensor of ${NODE_IN_WORDS} shows {{ $value | humanize }} °C.`,
          }),
          edgeAlert('EdgeCpuThrottled', {
            severity: 'warning',
            for: '15m',
            // Only available on x86:
            // https://github.com/prometheus/node_exporter/blob/v1.12.1/collector/cpu_linux.go
            expr: `${of(`(increase(node_cpu_core_throttles_total[15m])
  or increase(node_cpu_package_throttles_total[15m]))`)} > 0`,
            summary: `Processors are slowed down: ${NODE_IN_WORDS}`,
            description: `The processor of ${NODE_IN_WORDS} slowed itself down {{ $value | printf "%.0f" }} times within a quarter of an hour, against heat or for want of power.`,
          }),
          edgeAlert('EdgeRebootLoop', {
            severity: 'critical',
            expr: `resets(edge_node:uptime:seconds[2h]) >= ${limits.reboots}`,
            summary: `Starts again and again: ${NODE_IN_WORDS}`,
            description: `Within two hours ${NODE_IN_WORDS} started {{ $value | printf "%.0f" }} times.`,
          }),
        ],
      },
    ],
  };
}
