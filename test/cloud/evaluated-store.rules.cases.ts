import type { AlertCases } from '../support/rule-cases';

const of = (metric: string, job: string) => `${metric}{cluster="c", job="${job}", instance="i"}`;
const labels = (job: string) => ({ cluster: 'c', job });

export const evaluatedStoreCases: AlertCases = {
  MetricsScraperBehind: {
    series: { [of('vmagent_remotewrite_pending_data_bytes', 'metrics-scraper')]: '0x9 536870912x30 0x500' },
    quiet: ['9m', '18m'],
    fires: { at: '25m', alerts: [{ labels: labels('metrics-scraper') }] },
    resolved: '42m',
  },
  MetricsRulesFailing: {
    series: { [of('vmalert_execution_errors_total', 'metrics-rules')]: '0x9 0+1x30 30x500' },
    quiet: ['9m', '18m'],
    fires: { at: '30m', alerts: [{ labels: labels('metrics-rules'), value: '10' }] },
    resolved: '60m',
  },
  MetricsRulesNotSent: {
    series: { [of('vmalert_alerts_send_errors_total', 'metrics-rules')]: '0x9 0+1x30 30x500' },
    quiet: ['9m', '18m'],
    fires: { at: '30m', alerts: [{ labels: labels('metrics-rules'), value: '5' }] },
    resolved: '60m',
  },
};
