import type { RuleSource } from '../../contracts/rules';
import { record } from '../../core/alerts';
import { lasting, percent, type ThresholdTable, thresholds } from '../../core/thresholds';
import { type Duration, seconds } from '../../core/units';
import { current, edgeAlert, heardOf, NODE, NODE_IN_WORDS } from '../edge-alert';
import type { RuledNodes } from '../ruled-nodes';

/** When a file system of a node is a matter of concern. */
export interface StorageThresholds {
  /** A file system is full with so much of it in use, in percent. @default 90 */
  readonly diskUsedPercent: number;
  /** One that will be full within so long is said ahead. @default "1d" */
  readonly diskFullWithin: Duration;
  /** Files in use of those that the file system can hold, in percent. @default 90 */
  readonly inodesUsedPercent: number;
}

export const STORAGE_THRESHOLDS: ThresholdTable<StorageThresholds> = {
  diskUsedPercent: percent(90),
  diskFullWithin: lasting('1d'),
  inodesUsedPercent: percent(90),
};

/** File systems that hold data: not those of memory, of containers, and those that are read-only by their nature. */
export const OF_DATA = 'fstype!~"tmpfs|ramfs|devtmpfs|overlay|squashfs|iso9660|erofs|cramfs|autofs|fuse.*"';
const FILE_SYSTEM = `${NODE}, mountpoint`;

/** The file systems of edge nodes. */
export function storageRules(
  given: Partial<StorageThresholds> = {},
  nodes: readonly RuledNodes[] = [],
): RuleSource {
  const limits = thresholds('edge-storage', STORAGE_THRESHOLDS, given);
  const of = (figure: string) =>
    `max by (${FILE_SYSTEM}) ${current(`node_filesystem_${figure}{${OF_DATA}}`)}`;
  const writable = (expr: string) => besidesReadOnly(expr, nodes);
  return {
    ruleGroups: [
      {
        name: 'edge-storage',
        // Six hours of each file system are read, and none fills within a minute.
        interval: '1m',
        rules: [
          record(
            'edge_filesystem:avail:ratio',
            'Share of each file system that is left, of nodes that are heard of',
            heardOf(`${of('avail_bytes')} / ${of('size_bytes')}`),
          ),
          edgeAlert('EdgeDiskFilling', {
            severity: 'warning',
            for: '1h',
            expr: `${writable('edge_filesystem:avail:ratio < 0.4')}
and predict_linear(edge_filesystem:avail:ratio[6h], ${seconds(limits.diskFullWithin)}) < 0`,
            summary: `Disk is filling: ${NODE_IN_WORDS}`,
            description: `At the pace of the last six hours {{ $labels.mountpoint }} of ${NODE_IN_WORDS} is full within ${limits.diskFullWithin}; {{ $value | humanizePercentage }} are left.`,
          }),
          edgeAlert('EdgeDiskFull', {
            severity: 'critical',
            for: '15m',
            expr: writable(`edge_filesystem:avail:ratio < ${ratioLeft(limits.diskUsedPercent)}`),
            summary: `Disk is full: ${NODE_IN_WORDS}`,
            description: `Of {{ $labels.mountpoint }} of ${NODE_IN_WORDS} {{ $value | humanizePercentage }} are left.`,
            mutes: [{ matchers: ['alertname="EdgeDiskFilling"'], equal: ['cluster', 'node', 'mountpoint'] }],
          }),
          edgeAlert('EdgeInodesLow', {
            severity: 'warning',
            for: '15m',
            expr: writable(
              `${of('files_free')} / (${of('files')} > 0) < ${ratioLeft(limits.inodesUsedPercent)}`,
            ),
            summary: `Few files can still be made: ${NODE_IN_WORDS}`,
            description: `Of the inodes of {{ $labels.mountpoint }} of ${NODE_IN_WORDS} {{ $value | humanizePercentage }} are left.`,
          }),
          edgeAlert('EdgeFileSystemReadOnly', {
            severity: 'critical',
            for: '5m',
            expr: writable(`${of('readonly')} == 1`),
            summary: `A file system is read-only: ${NODE_IN_WORDS}`,
            description: `{{ $labels.mountpoint }} of ${NODE_IN_WORDS} takes no writes, as after errors of its disk or card.`,
          }),
        ],
      },
    ],
  };
}

/** Leaves out mount points that are read-only by design. */
function besidesReadOnly(expr: string, nodes: readonly RuledNodes[]): string {
  const groups = new Map<string, string[]>();
  for (const { group = '', readOnlyMounts = [] } of nodes) {
    if (!readOnlyMounts.length) continue;
    const mounts = [...readOnlyMounts].sort().map(literal).join('|');
    groups.set(mounts, [...(groups.get(mounts) ?? []), literal(group)]);
  }
  return [...groups].reduce(
    (left, [mounts, of]) =>
      `${left}\nunless on (${FILE_SYSTEM}) node_filesystem_size_bytes{group=~"${of.join('|')}", mountpoint=~"${mounts}"}`,
    expr,
  );
}

const literal = (text: string): string => text.replaceAll(/[.+]/g, '[$&]');

/** What is left where so much is used; rounded, so that it reads as it was meant. */
const ratioLeft = (usedPercent: number): number => Number(((100 - usedPercent) / 100).toFixed(4));
