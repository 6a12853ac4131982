import { type AlertCases, constantValues, SICK, seriesOnNodes } from '../support/rule-cases';

const AGENT = '{job="edge-metrics-agent"}';

export const agentCases: AlertCases = {
  EdgeAgentQueueGrowing: {
    series: seriesOnNodes({
      [`vmagent_remotewrite_pending_data_bytes${AGENT}`]: {
        sick: '0x9 100000000+1000000x60 0x500',
        // It gets fewer: the link is back.
        well: '900000000-1000000x600',
      },
    }),
    quiet: ['9m', '30m'],
    fires: { at: '60m', alerts: [{ labels: SICK, value: '143.1Mi' }] },
    resolved: '72m',
  },
  EdgeServiceSilent: {
    series: seriesOnNodes({
      // One that continues, and one that ends in minute 10 and returns in minute 60.
      'push_time_seconds{job="shop"}': { sick: '0+60x10 _x49 3600+60x500', well: '0+60x600' },
    }),
    quiet: ['9m', '29m'],
    fires: { at: '40m', alerts: [{ labels: { ...SICK, job: 'shop' }, value: '30m 0s' }] },
    resolved: '62m',
  },
  EdgeAgentDiskLow: {
    series: seriesOnNodes({
      [`vm_persistentqueue_free_disk_space_bytes${AGENT}`]: {
        sick: '1000000000x9 33554432x30 1000000000x500',
        well: constantValues(70_000_000),
      },
    }),
    quiet: ['9m', '12m'],
    fires: { at: '20m', alerts: [{ labels: SICK, value: '32Mi' }] },
    resolved: '42m',
  },
  EdgeAgentDropping: {
    series: seriesOnNodes({
      [`vm_persistentqueue_bytes_dropped_total${AGENT}`]: { sick: '0x9 4096x600', well: constantValues(0) },
      // Much later, a refusal.
      [`vmagent_remotewrite_packets_dropped_total${AGENT}`]: { sick: '0x300 7x300', well: constantValues(3) },
    }),
    quiet: ['9m', '200m'],
    // The queue is sent for hours, and only then reports its losses.
    fires: { at: ['12m', '150m', '310m'], alerts: [{ labels: SICK }] },
    resolved: '520m',
  },
  EdgeSamplesRefused: {
    series: seriesOnNodes({
      'metrics_gateway_filter_samples_dropped_total{job="metrics-gateway-filter", instance="a", reason="late"}':
        {
          sick: '0x9 0+100x20 2000x500',
          well: constantValues(500),
        },
    }),
    quiet: ['9m', '12m'],
    fires: { at: '25m', alerts: [{ labels: { ...SICK, reason: 'late' }, value: '1.5k' }] },
    resolved: '50m',
  },
  EdgeLogCollectorBehind: {
    series: seriesOnNodes({
      'loki_source_file_file_bytes_total{path="/var/log/pods/a"}': {
        sick: '0x9 30000000x60 30000000x500',
        well: constantValues(50_000_000),
      },
      'loki_source_file_read_bytes_total{path="/var/log/pods/a"}': {
        sick: '0x60 30000000x500',
        well: constantValues(49_000_000),
      },
    }),
    quiet: ['9m', '30m'],
    fires: { at: '50m', alerts: [{ labels: SICK, value: '28.61Mi' }] },
    resolved: '80m',
  },
  EdgeLogCollectorPaused: {
    series: seriesOnNodes({
      'fluentbit_input_ingestion_paused{job="edge-log-collector", name="tail.0"}': {
        sick: '0x9 1x120 0x500',
        // It is worked off, and fills again.
        well: '1x20 0x5 1x20 0x5 1x20 0x500',
      },
      // A separate input for data on disk, which never pauses.
      'fluentbit_input_ingestion_paused{job="edge-log-collector", name="storage_backlog.1"}': {
        sick: constantValues(0),
        well: constantValues(0),
      },
    }),
    quiet: ['9m', '45m'],
    fires: { at: '75m', alerts: [{ labels: SICK }] },
    resolved: '140m',
  },
  EdgeLogLinesDropped: {
    series: seriesOnNodes({
      'fluentbit_output_dropped_records_total{job="edge-log-collector", name="loki.0"}': {
        sick: '0x9 40x600',
        well: constantValues(40),
      },
    }),
    quiet: ['9m'],
    fires: { at: ['12m', '150m'], alerts: [{ labels: SICK, value: '40' }] },
    resolved: '200m',
  },
};
