import type { RuleSource } from '../../contracts/rules';
import { recordingRule } from '../../core/alerts';
import {
  durationThreshold,
  percentThreshold,
  type ThresholdTable,
  validateAndApplyThresholdDefaults,
} from '../../core/thresholds';
import { type Duration, toSeconds } from '../../core/units';
import {
  edgeAlert,
  excludeOutdatedSeries,
  NODE_LABELS,
  NODE_TEXT,
  restrictToFreshNodes,
} from '../edge-alert';
import type { RuledNodes } from '../ruled-nodes';

/** Thresholds of the alerts about file systems of edge nodes. */
export interface StorageThresholds {
  /** Used space of a file system in percent, above which EdgeDiskFull fires. @default 90 */
  readonly diskUsedPercent: number;
  /** EdgeDiskFilling fires if a file system is predicted to be full within this time. @default "1d" */
  readonly diskFullWithin: Duration;
  /** Used inodes of a file system in percent, above which EdgeInodesLow fires. @default 90 */
  readonly inodesUsedPercent: number;
}

/** Validation rules and defaults of `StorageThresholds`. */
export const STORAGE_THRESHOLDS: ThresholdTable<StorageThresholds> = {
  diskUsedPercent: percentThreshold(90),
  diskFullWithin: durationThreshold('1d'),
  inodesUsedPercent: percentThreshold(90),
};

/** Label matcher that excludes file systems in memory, of containers, and of types that are always read-only. */
export const DATA_FILE_SYSTEMS =
  'fstype!~"tmpfs|ramfs|devtmpfs|overlay|squashfs|iso9660|erofs|cramfs|autofs|fuse.*"';
const FILE_SYSTEM_LABELS = `${NODE_LABELS}, mountpoint`;

/**
 * Returns alerts about file systems of edge nodes (full, filling up, few inodes, or read-only), and a recording rule for
 * these alerts.
 */
export function alertAndRecordingRulesAboutNodeFileSystems(
  given: Partial<StorageThresholds> = {},
  nodes: readonly RuledNodes[] = [],
): RuleSource {
  const limits = validateAndApplyThresholdDefaults('edge-storage', STORAGE_THRESHOLDS, given);
  const maxByFileSystemExpr = (figure: string) =>
    `max by (${FILE_SYSTEM_LABELS}) ${excludeOutdatedSeries(`node_filesystem_${figure}{${DATA_FILE_SYSTEMS}}`)}`;
  const excludeMountsReadOnlyByDesign = (expr: string) => excludeConfiguredReadOnlyMounts(expr, nodes);
  return {
    ruleGroups: [
      {
        name: 'edge-storage',
        // The rules read six hours of samples of each file system, so they run only once a minute.
        interval: '1m',
        rules: [
          recordingRule(
            'edge_filesystem:avail:ratio',
            'Free ratio of each file system, for nodes that are not silent',
            restrictToFreshNodes(
              `${maxByFileSystemExpr('avail_bytes')} / ${maxByFileSystemExpr('size_bytes')}`,
            ),
          ),
          edgeAlert('EdgeDiskFilling', {
            severity: 'warning',
            for: '1h',
            expr: `${excludeMountsReadOnlyByDesign('edge_filesystem:avail:ratio < 0.4')}
and predict_linear(edge_filesystem:avail:ratio[6h], ${toSeconds(limits.diskFullWithin)}) < 0`,
            summary: `Disk is filling up: ${NODE_TEXT}`,
            description: `Based on the last 6 hours, {{ $labels.mountpoint }} of ${NODE_TEXT} is predicted to be full within ${limits.diskFullWithin}. {{ $value | humanizePercentage }} is free.`,
          }),
          edgeAlert('EdgeDiskFull', {
            severity: 'critical',
            for: '15m',
            expr: excludeMountsReadOnlyByDesign(
              `edge_filesystem:avail:ratio < ${usedPercentToFreeRatio(limits.diskUsedPercent)}`,
            ),
            summary: `Disk is almost full: ${NODE_TEXT}`,
            description: `{{ $value | humanizePercentage }} of {{ $labels.mountpoint }} of ${NODE_TEXT} is free.`,
            mutes: [{ matchers: ['alertname="EdgeDiskFilling"'], equal: ['cluster', 'node', 'mountpoint'] }],
          }),
          edgeAlert('EdgeInodesLow', {
            severity: 'warning',
            for: '15m',
            expr: excludeMountsReadOnlyByDesign(
              `${maxByFileSystemExpr('files_free')} / (${maxByFileSystemExpr('files')} > 0) < ${usedPercentToFreeRatio(limits.inodesUsedPercent)}`,
            ),
            summary: `Inodes are almost used up: ${NODE_TEXT}`,
            description: `On ${NODE_TEXT}, {{ $value | humanizePercentage }} of the inodes of {{ $labels.mountpoint }} are free.`,
          }),
          edgeAlert('EdgeFileSystemReadOnly', {
            severity: 'critical',
            for: '5m',
            expr: excludeMountsReadOnlyByDesign(`${maxByFileSystemExpr('readonly')} == 1`),
            summary: `File system is read-only: ${NODE_TEXT}`,
            description: `{{ $labels.mountpoint }} of ${NODE_TEXT} is read-only. The most frequent cause is an error of the disk or SD card.`,
          }),
        ],
      },
    ],
  };
}

/**
 * Returns a PromQL expression without the series of mount points that are read-only by design (`readOnlyMounts`). These
 * mount points differ by group.
 */
function excludeConfiguredReadOnlyMounts(expr: string, nodes: readonly RuledNodes[]): string {
  const groups = new Map<string, string[]>();
  for (const { group = '', readOnlyMounts = [] } of nodes) {
    if (!readOnlyMounts.length) continue;
    const mounts = [...readOnlyMounts].sort().map(escapeDotsAndPluses).join('|');
    groups.set(mounts, [...(groups.get(mounts) ?? []), escapeDotsAndPluses(group)]);
  }
  return [...groups].reduce(
    (left, [mounts, of]) =>
      `${left}\nunless on (${FILE_SYSTEM_LABELS}) node_filesystem_size_bytes{group=~"${of.join('|')}", mountpoint=~"${mounts}"}`,
    expr,
  );
}

const escapeDotsAndPluses = (text: string): string => text.replaceAll(/[.+]/g, '[$&]');

/** Converts a used percentage to a free ratio: 90 becomes 0.1. */
const usedPercentToFreeRatio = (usedPercent: number): number =>
  Number(((100 - usedPercent) / 100).toFixed(4));
