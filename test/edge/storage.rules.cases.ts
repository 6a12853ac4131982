import {
  type AlertCases,
  constantValues,
  nodeSeries,
  SICK,
  seriesOnMovedNode,
  seriesOnNodes,
} from '../support/rule-cases';

const ON = '{mountpoint="/", fstype="ext4"}';
const size = {
  [`node_filesystem_size_bytes${ON}`]: { sick: constantValues(100), well: constantValues(100) },
};
const DISK = { ...SICK, mountpoint: '/' };

export const storageCases: AlertCases = {
  EdgeDiskFilling: {
    series: seriesOnNodes({
      ...size,
      [`node_filesystem_avail_bytes${ON}`]: { sick: '39-0.05x400 80x600', well: constantValues(30) },
    }),
    quiet: ['30m'],
    fires: { at: '200m', alerts: [{ labels: DISK, value: '29%' }] },
    resolved: '402m',
  },
  EdgeDiskFull: {
    series: {
      ...seriesOnNodes({
        ...size,
        [`node_filesystem_avail_bytes${ON}`]: { sick: '50x9 5x30 50x500', well: constantValues(50) },
      }),
      ...seriesOnMovedNode({
        [`node_filesystem_size_bytes${ON}`]: { former: constantValues(100), now: constantValues(100) },
        [`node_filesystem_avail_bytes${ON}`]: { former: constantValues(50), now: '5x29 50x500' },
      }),
      [nodeSeries('node_filesystem_size_bytes{mountpoint="/run", fstype="tmpfs"}', 'well')]:
        constantValues(100),
      [nodeSeries('node_filesystem_avail_bytes{mountpoint="/run", fstype="tmpfs"}', 'well')]:
        constantValues(0),
    },
    quiet: ['9m', '20m'],
    fires: {
      at: '35m',
      alerts: [
        { labels: DISK, value: '5%' },
        { labels: { ...DISK, node: 'moved' }, value: '5%' },
      ],
    },
    resolved: '42m',
  },
  EdgeInodesLow: {
    series: seriesOnNodes({
      [`node_filesystem_files${ON}`]: { sick: constantValues(1000), well: constantValues(0) },
      [`node_filesystem_files_free${ON}`]: { sick: '500x9 10x30 500x500', well: constantValues(0) },
    }),
    quiet: ['9m', '20m'],
    fires: { at: '30m', alerts: [{ labels: DISK, value: '1%' }] },
    resolved: '42m',
  },
  EdgeFileSystemReadOnly: {
    series: {
      ...seriesOnNodes({
        [`node_filesystem_readonly${ON}`]: { sick: '0x9 1x30 0x500', well: constantValues(0) },
      }),
      [nodeSeries('node_filesystem_readonly{mountpoint="/snap", fstype="squashfs"}', 'well')]:
        constantValues(1),
    },
    quiet: ['9m', '12m'],
    fires: { at: '30m', alerts: [{ labels: DISK }] },
    resolved: '42m',
  },
};
