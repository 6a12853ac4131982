import { type AlertCases, constantValues } from '../support/rule-cases';

const JOB = 'cluster="c", job="cloud-node-admission"';
const refused = (instance: string, reason: string, node = '') =>
  `node_admission_refused_total{${JOB}, instance="${instance}", reason="${reason}", node="${node}"}`;
const confirmed = (instance: string, list: string) =>
  `node_admission_list_confirmed_timestamp_seconds{${JOB}, instance="${instance}", list="${list}"}`;

export const nodeAdmissionCases: AlertCases = {
  NodeAdmissionDown: {
    series: {
      [`up{${JOB}, instance="a"}`]: '1x9 0x30 1x500',
      [`up{${JOB}, instance="b"}`]: '1x14 0x5 1x500',
    },
    quiet: ['12m'],
    fires: { at: '18m', alerts: [{ labels: { cluster: 'c', job: 'cloud-node-admission' } }] },
    resolved: '25m',
  },
  NodeAdmissionOutdated: {
    series: {
      // Seconds since 1970, each minute; one replica hears nothing more from minute 10 to 30.
      [confirmed('a', 'nodes')]: '0+60x10 600x19 1800+60x500',
      [confirmed('b', 'nodes')]: '0+60x600',
      [confirmed('a', 'denied')]: '0+60x600',
    },
    quiet: ['10m', '13m'],
    fires: { at: '20m', alerts: [{ labels: { cluster: 'c', list: 'nodes' }, value: '10m 0s' }] },
    resolved: '40m',
  },
  NodeCertificateRefused: {
    series: {
      [refused('a', 'denied', 'edge-7')]: '0x9 0+2x30 60x500',
      [refused('b', 'denied', 'edge-7')]: '0x9 0+1x30 30x500',
      // A single stray request of a scanner.
      [refused('a', 'no_certificate')]: '0x9 1x500',
      [refused('a', 'expired')]: constantValues(4),
    },
    quiet: ['9m', '19m'],
    fires: {
      at: '30m',
      alerts: [{ labels: { cluster: 'c', reason: 'denied', node: 'edge-7' }, value: '30' }],
    },
    resolved: '60m',
  },
};
