import { type AlertCases, constantValues, nodeSeries, SICK } from '../support/rule-cases';

/** Lines are counted ahead, a figure a minute: see test/e2e/rules.test.ts. */
export const logCases: AlertCases = {
  EdgeLogVolumeHigh: {
    series: {
      [nodeSeries('log_bytes{namespace="shop"}', 'sick')]: '1000x9 1000000x60 1000x500',
      [nodeSeries('log_bytes{namespace="shop"}', 'well')]: constantValues(1000),
      'log_bytes{cluster="c", node="cloud-1", namespace="monitoring", side="cloud"}':
        constantValues(1_000_000),
    },
    quiet: ['9m', '25m'],
    fires: { at: '60m', alerts: [{ labels: SICK, value: '48.65Mi' }] },
    resolved: '140m',
  },
  EdgeLogsMissing: {
    series: {
      [nodeSeries('log_lines{container="config-reloader"}', 'sick')]: '1 _x59 1 _x239 1x300',
      [nodeSeries('log_lines{container="shop"}', 'sick')]: '5x60 _x240 5x300',
      // Its other containers write nothing.
      [nodeSeries('log_lines{container="config-reloader"}', 'well')]: Array(11).fill('1 _x59').join(' '),
      // Of no log agent that anybody would look after.
      [nodeSeries('log_lines{container="shop"}', 'unknown')]: '5x60 _x540',
      'log_lines{cluster="c", node="cloud-1", container="config-reloader", side="cloud"}': '5x60 _x540',
    },
    quiet: ['60m', '230m'],
    fires: { at: '270m', alerts: [{ labels: SICK }] },
    resolved: '302m',
  },
};
