import { type AlertCases, constantValues } from '../support/rule-cases';

const series = (metric: string, instance: string) =>
  `${metric}{cluster="c", job="cloud-host-probe", instance="${instance}"}`;

export const hostProbeCases: AlertCases = {
  PublicHostFailing: {
    series: {
      [series('probe_success', 'push.example.com/api/v1/write')]: '1x9 0x30 1x500',
      [series('probe_success', 'logs.example.com/loki/api/v1/push')]: '1x9 0x2 1x500',
      // Of an exporter at the edge.
      'probe_success{cluster="c", job="probes", instance="plc"}': constantValues(0),
    },
    quiet: ['9m', '13m'],
    fires: { at: '30m', alerts: [{ labels: { cluster: 'c', instance: 'push.example.com/api/v1/write' } }] },
    resolved: '50m',
  },
  PublicHostCertificateExpiring: {
    series: {
      // Seconds since 1970: the first one ends within 14 days until it is renewed at minute 120.
      [series('probe_ssl_earliest_cert_expiry', 'push.example.com/api/v1/write')]: '864000x119 7776000x400',
      [series('probe_ssl_earliest_cert_expiry', 'logs.example.com/loki/api/v1/push')]:
        constantValues(7_776_000),
    },
    quiet: ['30m'],
    fires: {
      at: '80m',
      alerts: [
        { labels: { cluster: 'c', instance: 'push.example.com/api/v1/write' }, value: '9d 22h 40m 0s' },
      ],
    },
    resolved: '140m',
  },
};
