/** All collectors of node_exporter 1.12.1 on Linux, enabled by default or not. */
export const COLLECTORS: readonly string[] = [
  ...(
    'arp bcache bcachefs bonding btrfs conntrack cpu cpufreq diskstats dmi dmmultipath edac entropy fibrechannel filefd ' +
    'filesystem hwmon infiniband ipvs kernel_hung loadavg mdadm meminfo netclass netdev netstat nfs nfsd nvme os ' +
    'powersupplyclass pressure rapl schedstat selinux sockstat softnet stat tapestats textfile thermal_zone time timex ' +
    'udp_queues uname vmstat watchdog xfs zfs'
  ).split(' '),
  ...(
    'buddyinfo cgroups cpu_vulnerabilities drbd drm ethtool interrupts ksmd lnstat logind meminfo_numa mountstats ' +
    'network_route ntp nvmesubsystem pcidevice perf processes qdisc runit slabinfo softirqs supervisord swap sysctl ' +
    'systemd tcpstat wifi xfrm zoneinfo'
  ).split(' '),
];
