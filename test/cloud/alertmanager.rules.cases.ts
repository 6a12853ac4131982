import { type AlertCases, constantValues } from '../support/rule-cases';

const SELF = { cluster: 'c', job: 'alertmanager' };
const of = (metric: string, instance = 'a-0', more = '') =>
  `${metric}{cluster="c", job="alertmanager", instance="${instance}"${more}}`;

/** One group of alerts whose receiver is away: it is tried once in each group interval, of five minutes. */
const FLUSHES = Array.from({ length: 8 }, (_, index) => `${index + 1}x4`);

export const alertmanagerCases: AlertCases = {
  AlertmanagerDown: {
    series: { [of('up')]: '1x9 0x30 1x500', [of('up', 'a-1')]: '1x14 0x25 1x500' },
    quiet: ['9m', '14m'],
    fires: { at: '20m', alerts: [{ labels: SELF }] },
    resolved: '42m',
  },
  AlertmanagerConfigReloadFailed: {
    series: {
      [of('alertmanager_config_last_reload_successful')]: '1x9 0x30 1x500',
      [of('alertmanager_config_last_reload_successful', 'a-1')]: constantValues(1),
    },
    quiet: ['9m', '15m'],
    fires: { at: '30m', alerts: [{ labels: { ...SELF, instance: 'a-0' } }] },
    resolved: '42m',
  },
  AlertmanagerSplit: {
    series: {
      [of('alertmanager_cluster_members')]: '2x9 1x30 2x500',
      [of('alertmanager_cluster_members', 'a-1')]: constantValues(2),
    },
    quiet: ['9m', '20m'],
    fires: { at: '30m', alerts: [{ labels: { ...SELF, instance: 'a-0' }, value: '1' }] },
    resolved: '42m',
  },
  AlertmanagerNotificationsFailing: {
    series: {
      [of('alertmanager_notifications_failed_total', 'a-0', ', integration="webhook", reason="other"')]:
        `0x9 ${FLUSHES.join(' ')} 8x500`,
      [of('alertmanager_notifications_total', 'a-0', ', integration="webhook"')]:
        `0x9 ${FLUSHES.join(' ')} 8x500`,
      [of('alertmanager_notifications_total', 'a-0', ', integration="email"')]: '0+6x600',
    },
    quiet: ['9m'],
    fires: {
      at: ['30m', '31m', '32m', '33m', '34m', '40m'],
      alerts: [{ labels: { ...SELF, integration: 'webhook' }, value: '100%' }],
    },
    resolved: '70m',
  },
};
