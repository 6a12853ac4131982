import type { RuleSource } from '../../contracts/rules';
import { recordingRule } from '../../core/alerts';
import {
  defineNumberThreshold,
  percentThreshold,
  type ThresholdTable,
  validateAndApplyThresholdDefaults,
} from '../../core/thresholds';
import {
  edgeAlert,
  excludeOutdatedSeries,
  NODE_LABELS,
  NODE_TEXT,
  restrictToFreshNodes,
} from '../edge-alert';

/** Thresholds of the alerts about the load of edge nodes. */
export interface SystemThresholds {
  /** Used memory in percent, above which EdgeMemoryPressure fires. @default 90 */
  readonly memoryUsedPercent: number;
  /** CPU utilization in percent, above which EdgeCpuSaturated fires if it lasts for half an hour. @default 90 */
  readonly cpuUsedPercent: number;
  /**
   * Temperature of the hottest sensor in degrees Celsius, above which EdgeTemperatureHigh fires. Many boards throttle
   * the CPU from about 80 °C.
   * @default 80
   */
  readonly temperatureCelsius: number;
  /** Number of reboots within two hours at which EdgeRebootLoop fires. @default 3 */
  readonly reboots: number;
}

/** Validation rules and defaults of `SystemThresholds`. */
export const SYSTEM_THRESHOLDS: ThresholdTable<SystemThresholds> = {
  memoryUsedPercent: percentThreshold(90),
  cpuUsedPercent: percentThreshold(90),
  temperatureCelsius: defineNumberThreshold(-40, 150, 80, 'degrees Celsius'),
  reboots: defineNumberThreshold(1, 1_000, 3, 'starts'),
};

/** Returns alerts and recording rules about CPU, memory, temperature and reboots of edge nodes. */
export function alertAndRecordingRulesAboutNodeSystem(given: Partial<SystemThresholds> = {}): RuleSource {
  const limits = validateAndApplyThresholdDefaults('edge-system', SYSTEM_THRESHOLDS, given);
  const maxByNodeExpr = (metric: string) => `max by (${NODE_LABELS}) ${excludeOutdatedSeries(metric)}`;
  return {
    ruleGroups: [
      {
        name: 'edge-system',
        rules: [
          recordingRule(
            'edge_node:memory_available:ratio',
            'Ratio of available memory, for nodes that are not silent',
            restrictToFreshNodes(
              `${maxByNodeExpr('node_memory_MemAvailable_bytes')} / ${maxByNodeExpr('node_memory_MemTotal_bytes')}`,
            ),
          ),
          recordingRule(
            'edge_node:cpu_used:ratio',
            'CPU utilization, for nodes that are not silent',
            restrictToFreshNodes(
              `1 - avg by (${NODE_LABELS}) ${excludeOutdatedSeries('rate(node_cpu_seconds_total{mode="idle"}[5m])')}`,
            ),
          ),
          recordingRule(
            'edge_node:temperature:celsius',
            'Temperature of the hottest sensor, for nodes that are not silent',
            restrictToFreshNodes(maxByNodeExpr('(node_hwmon_temp_celsius or node_thermal_zone_temp)')),
          ),
          recordingRule(
            'edge_node:uptime:seconds',
            'Uptime, for nodes that are not silent; changes of the clock do not affect the uptime',
            restrictToFreshNodes(
              `${maxByNodeExpr('node_time_seconds')} - ${maxByNodeExpr('node_boot_time_seconds')}`,
            ),
          ),
          edgeAlert('EdgeMemoryPressure', {
            severity: 'warning',
            for: '15m',
            expr: `edge_node:memory_available:ratio < ${Number((1 - limits.memoryUsedPercent / 100).toFixed(4))}`,
            summary: `Memory is almost used up: ${NODE_TEXT}`,
            description: `{{ $value | humanizePercentage }} of the memory of ${NODE_TEXT} is available.`,
          }),
          edgeAlert('EdgeOomKill', {
            severity: 'warning',
            expr: `${maxByNodeExpr('increase(node_vmstat_oom_kill[15m])')} > 0`,
            summary: `Out of memory: ${NODE_TEXT}`,
            description: `The OOM killer of ${NODE_TEXT} killed {{ $value | printf "%.0f" }} processes within 15 minutes.`,
          }),
          edgeAlert('EdgeCpuSaturated', {
            severity: 'warning',
            for: '30m',
            expr: `edge_node:cpu_used:ratio > ${limits.cpuUsedPercent / 100}`,
            summary: `CPU is saturated: ${NODE_TEXT}`,
            description: `The CPU utilization of ${NODE_TEXT} is {{ $value | humanizePercentage }}.`,
          }),
          edgeAlert('EdgeTemperatureHigh', {
            severity: 'warning',
            for: '10m',
            expr: `edge_node:temperature:celsius > ${limits.temperatureCelsius}`,
            summary: `High temperature: ${NODE_TEXT}`,
            description: `The hottest sensor of ${NODE_TEXT} reports {{ $value | humanize }} °C.`,
          }),
          edgeAlert('EdgeCpuThrottled', {
            severity: 'warning',
            for: '15m',
            // Only available on x86:
            // https://github.com/prometheus/node_exporter/blob/v1.12.1/collector/cpu_linux.go
            expr: `${maxByNodeExpr(`(increase(node_cpu_core_throttles_total[15m])
  or increase(node_cpu_package_throttles_total[15m]))`)} > 0`,
            summary: `CPU is throttled: ${NODE_TEXT}`,
            description: `The CPU of ${NODE_TEXT} was throttled {{ $value | printf "%.0f" }} times within 15 minutes, because of the temperature or the power supply.`,
          }),
          edgeAlert('EdgeRebootLoop', {
            severity: 'critical',
            expr: `resets(edge_node:uptime:seconds[2h]) >= ${limits.reboots}`,
            summary: `Reboot loop: ${NODE_TEXT}`,
            description: `{{ $value | printf "%.0f" }} reboots of ${NODE_TEXT} within 2 hours.`,
          }),
        ],
      },
    ],
  };
}
