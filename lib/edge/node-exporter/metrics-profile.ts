import type { SlowMetrics } from '../../contracts/metrics-sink';
import type { RelabelConfig } from '../../contracts/scrape-target';
import { isObjectNotList, oneOfRule } from '../../core/option-rules';
import { type OptionTable, optionsRule, withAllDefaults } from '../../core/option-table';
import { regularExpression } from '../../core/regular-expressions';
import { slowMetrics } from '../../core/scrape-rules';
import { combineRulesWithAnd, listRule, nonEmptyListRule } from '../../core/structure-rules';
import { problemsOfValue, type Rule, ruleViolationText } from '../../core/validation';
import { COLLECTORS } from './collectors';

/** A custom selection of the metrics of an edge node. */
export interface CustomProfile {
  /** Collectors of node_exporter to enable, at least one, such as `cpu`. @default - the collectors of `standard` */
  readonly collectors?: readonly string[];
  /**
   * Metrics of node_exporter that an agent sends: regular expressions for whole names, at least one. Metrics from your
   * text files are always sent, unless their names start with `node_`.
   * @default - all metrics of the collectors, without node_exporter's metrics about itself
   */
  readonly metrics?: readonly string[];
  /** Metrics that an agent scrapes less often. @default - all metrics are scraped at the agent's interval */
  readonly slowMetrics?: SlowMetrics;
  /**
   * The kubelet's container metrics that an agent sends: regular expressions for whole names. With an empty list, the
   * agent sends no container metrics.
   * @default - the container metrics of `standard`
   */
  readonly containerMetrics?: readonly string[];
}

/**
 * Selection of the metrics of an edge node that are collected and sent. The collectors apply to both transports. Only
 * an `EdgeMetricsAgent` selects single metrics; a push sidecar pushes all metrics of the collectors. The numbers of
 * series are for a device with four CPU cores.
 *
 * - `full`: all metrics that node_exporter collects by default, including metrics about node_exporter itself.
 * - `standard`: the metrics that rules and dashboards use. An agent sends 172 series. It scrapes 109 of these series
 * only once a minute, because they rarely change. The agent drops other metrics, such as counters of framing errors,
 * because they would cost a third of the bytes. A sidecar pushes 394 series.
 * - `lean`: the metrics that alerts and capacity planning need. An agent sends 135 series. The agent scrapes CPU time,
 * load, available memory, disk traffic, network traffic and boot time at its scrape interval, and most other metrics
 * every two minutes.
 */
export type MetricsProfile = 'full' | 'standard' | 'lean' | CustomProfile;

/** A resolved profile. Without `collectors`, node_exporter's default collectors are enabled. */
export interface MetricsSelection {
  /** Whether node_exporter's metrics about itself are kept. */
  readonly ownMetrics?: boolean;
  readonly collectors?: readonly string[];
  /** Regular expressions for the names of metrics to send. @default - all metrics that `dropped` does not match */
  readonly metrics?: readonly string[];
  /** Regular expressions for the names of metrics to drop. */
  readonly dropped?: readonly string[];
  /** Metrics that an agent scrapes less often. */
  readonly slowMetrics?: SlowMetrics;
  readonly containerMetrics: readonly string[];
}

/** Collectors of the profiles `standard` and `lean`: the collectors of metrics that change while an edge node runs. */
const STANDARD_COLLECTORS = [
  'cpu',
  'diskstats',
  'filefd',
  'filesystem',
  'hwmon',
  'loadavg',
  'meminfo',
  'netdev',
  'netstat',
  'os',
  'powersupplyclass',
  'pressure',
  'sockstat',
  'stat',
  'textfile',
  'thermal_zone',
  'time',
  'timex',
  'uname',
  'vmstat',
];

/**
 * Metrics that `standard` drops: counters that stay 0 on nearly all devices, and redundant values. Even a metric that
 * never changes costs bytes, because each batch contains its name and labels.
 */
const DROPPED_IN_STANDARD = [
  'node_cpu_guest_seconds_total',
  'node_disk_(discard.+|flush_.+|info|(reads|writes)_merged_total)',
  'node_filesystem_(mount_info|purgeable_bytes)',
  'node_memory_(Active|Inactive|DirectMap|File(Huge|Pmd)|HugePages|Vmalloc|Zswap).*',
  'node_memory_(AnonHugePages|Bounce|HardwareCorrupted|Hugepagesize|Hugetlb|KReclaimable|Mlocked|NFS_Unstable|Percpu|Shmem(HugePages|PmdMapped)|Unevictable|WritebackTmp)_bytes',
  'node_netstat_(Icmp6?|Ip6?|IpExt|UdpLite6?)_.+',
  'node_netstat_TcpExt_(Syncookies.+|TCPOFOQueue|TCPRcvQDrop)',
  'node_network_(receive|transmit)_(carrier|colls|compressed|fifo|frame|multicast|nohandler)_total',
  'node_sockstat_(FRAG|RAW|UDPLITE).+|node_sockstat_.+_mem',
  'node_time_(clocksource_.+|zone_offset_seconds)',
  'node_timex_(estimated_error_seconds|frequency_adjustment_ratio|loop_time_constant|pps_.+|status|tai_offset_seconds|tick_seconds)',
];

/** Metrics that `standard` scrapes once a minute: they rarely change, or no alert or panel needs a higher resolution. */
const SLOW_IN_STANDARD = [
  'node_(cooling_device|filefd|filesystem|hwmon|netstat|os|power_supply|sockstat|textfile|thermal_zone|timex|vmstat)_.+',
  'node_cpu_(core|package)_throttles_total',
  'node_disk_(io_now|io_time_weighted_seconds_total|(read|write)_time_seconds_total)',
  'node_(forks|intr)_total',
  'node_load(5|15)',
  // Matches all names except MemAvailable. RE2 has no negative lookahead.
  'node_memory_([^M].+|M[^e].+|Mem[^A].+)',
  'node_network_(receive|transmit)_(drop|errs)_total',
  'node_pressure_.+_stalled_seconds_total',
  'node_uname_info',
];

/** Metrics that `lean` scrapes every two minutes. */
const SLOW_IN_LEAN = [
  ...SLOW_IN_STANDARD,
  'node_context_switches_total',
  'node_disk_(io_time_seconds|reads_completed|writes_completed)_total',
  'node_network_(receive|transmit)_packets_total',
  'node_procs_.+',
];

/** Regular expression for the names of node_exporter's metrics about itself. */
export const OWN_METRICS = '(go|process|promhttp|node_exporter|node_scrape_collector)_.+';

const STANDARD_CONTAINER_METRICS = [
  'container_cpu_usage_seconds_total',
  'container_cpu_cfs_(throttled_)?periods_total',
  'container_memory_working_set_bytes',
  'container_network_(receive|transmit)_bytes_total',
  'container_oom_events_total',
  'container_spec_memory_limit_bytes',
  'container_start_time_seconds',
];

const LEAN_METRICS = [
  'node_boot_time_seconds',
  'node_context_switches_total',
  'node_cpu_(core|package)_throttles_total',
  'node_cpu_seconds_total',
  'node_disk_(io_time_seconds|read_bytes|read_time_seconds|reads_completed|write_time_seconds|writes_completed|written_bytes)_total',
  'node_filefd_.+',
  'node_filesystem_(avail_bytes|device_error|files|files_free|readonly|size_bytes)',
  'node_forks_total',
  'node_hwmon_(chip_names|sensor_label|temp_celsius|temp_crit_celsius|temp_max_celsius)',
  'node_load.+',
  'node_memory_(Buffers|Cached|CommitLimit|Committed_AS|Dirty|MemAvailable|MemFree|MemTotal|SReclaimable|Shmem|SwapFree|SwapTotal|Writeback)_bytes',
  'node_netstat_(TcpExt_ListenDrops|TcpExt_TCPTimeouts|Tcp_CurrEstab|Tcp_OutSegs|Tcp_RetransSegs|Udp_InErrors|Udp_RcvbufErrors)',
  'node_network_(receive|transmit)_(bytes|drop|errs|packets)_total',
  'node_os_info',
  'node_power_supply_(capacity|online|voltage_volt)',
  'node_pressure_.+',
  'node_procs_.+',
  'node_sockstat_(TCP_alloc|TCP_inuse|TCP_mem_bytes|TCP_tw|UDP_inuse|sockets_used)',
  'node_textfile_.+',
  'node_thermal_zone_temp',
  'node_time_seconds',
  'node_timex_(maxerror|offset)_seconds',
  'node_timex_sync_status',
  'node_uname_info',
  'node_vmstat_(oom_kill|pgmajfault|pswpin|pswpout)',
];

const LEAN_CONTAINER_METRICS = [
  'container_cpu_usage_seconds_total',
  'container_cpu_cfs_(throttled_)?periods_total',
  'container_memory_working_set_bytes',
  'container_oom_events_total',
  'container_start_time_seconds',
];

const PROFILES: Readonly<Record<string, MetricsSelection>> = {
  full: { ownMetrics: true, containerMetrics: ['.+'] },
  standard: {
    collectors: STANDARD_COLLECTORS,
    dropped: DROPPED_IN_STANDARD,
    slowMetrics: { names: SLOW_IN_STANDARD, interval: '60s' },
    containerMetrics: STANDARD_CONTAINER_METRICS,
  },
  lean: {
    collectors: STANDARD_COLLECTORS,
    metrics: LEAN_METRICS,
    slowMetrics: { names: SLOW_IN_LEAN, interval: '2m' },
    containerMetrics: LEAN_CONTAINER_METRICS,
  },
};

const profileName = oneOfRule(...Object.keys(PROFILES));

const collector: Rule = {
  allowed: 'a collector of node_exporter 1.12 on Linux, such as "cpu"',
  accepts: (value) => COLLECTORS.includes(value as string),
};

const collectors = combineRulesWithAnd(nonEmptyListRule(listRule(collector)), {
  allowed: 'each collector once',
  accepts: (value) => new Set(value as readonly string[]).size === (value as readonly string[]).length,
});

/** Validation rules and defaults of `CustomProfile`. */
export const CUSTOM_PROFILE = {
  collectors: { rule: collectors, derive: () => STANDARD_COLLECTORS },
  metrics: { rule: nonEmptyListRule(listRule(regularExpression)), default: undefined },
  slowMetrics: { rule: slowMetrics, default: undefined },
  containerMetrics: { rule: listRule(regularExpression), derive: () => STANDARD_CONTAINER_METRICS },
} satisfies OptionTable<CustomProfile>;

const customProfile = optionsRule<CustomProfile>(CUSTOM_PROFILE);

/** Validation rule for an option of type `MetricsProfile`: the name of a profile, or a custom profile. */
export const metricsProfile: Rule = {
  allowed: `${profileName.allowed}, or { collectors: ["cpu"], metrics: ["node_cpu_.+"], containerMetrics: [] } with names of node_exporter's collectors and regular expressions in RE2 syntax`,
  accepts: (value) => profileName.accepts(value) || customProfile.accepts(value),
  problems: (value, path) =>
    isObjectNotList(value)
      ? problemsOfValue(path, value, customProfile)
      : profileName.accepts(value)
        ? []
        : [ruleViolationText(path, value, metricsProfile)],
};

/**
 * Returns the collectors and metrics that a profile selects. Options that a custom profile does not set have their
 * defaults.
 */
export function resolveMetricsProfile(profile: MetricsProfile): MetricsSelection {
  if (typeof profile === 'string') return PROFILES[profile] as MetricsSelection;
  return withAllDefaults('profile', profile, CUSTOM_PROFILE);
}

/** Returns node_exporter's arguments that enable the selected collectors. Returns an empty list for `full`. */
export function collectorArgs({ collectors }: MetricsSelection): string[] {
  if (!collectors) return [];
  return ['--collector.disable-defaults', ...collectors.map((name) => `--collector.${name}`)];
}

/** Returns the relabeling with which an agent drops the node_exporter metrics that a profile excludes. */
export function relabelingForProfile({ ownMetrics, metrics, dropped }: MetricsSelection): RelabelConfig[] {
  return [
    ...(ownMetrics ? [] : [relabelingToDropSeries(`{__name__=~"${OWN_METRICS}"}`)]),
    ...(dropped ? [relabelingToDropSeries(`{__name__=~${JSON.stringify(dropped.join('|'))}}`)] : []),
    ...(metrics
      ? [relabelingToDropSeries(`{__name__=~"node_.+",__name__!~${JSON.stringify(metrics.join('|'))}}`)]
      : []),
  ];
}

const relabelingToDropSeries = (selector: string): RelabelConfig => ({ if: selector, action: 'drop' });
