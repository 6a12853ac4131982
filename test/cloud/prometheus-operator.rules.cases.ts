import type { AlertCases } from '../support/rule-cases';

export const prometheusOperatorCases: AlertCases = {
  MetricsStoreTargetsMissing: {
    // Another cluster, and what Prometheus scrapes for others, is not meant.
    series: {
      'up{cluster="c", job="prometheus", instance="i"}': '1x9 _x40 1x500',
      'up{job="prometheus", instance="own"}': '1x500',
      'up{cluster="other", job="prometheus", instance="i"}': '1x500',
    },
    quiet: ['9m', '20m'],
    fires: { at: '30m', alerts: [{ labels: { cluster: 'c', job: 'prometheus' } }] },
    resolved: '60m',
  },
};
