import { type AlertCases, constantValues, SICK, seriesOnNodes } from '../support/rule-cases';

const MODEM = '{device="wwan0"}';

export const uplinkCases: AlertCases = {
  EdgeNetworkErrors: {
    series: seriesOnNodes({
      [`node_network_receive_errs_total${MODEM}`]: { sick: '0x9 0+60x40 2400x500', well: constantValues(5) },
      [`node_network_transmit_errs_total${MODEM}`]: { sick: constantValues(0), well: constantValues(0) },
      [`node_network_receive_packets_total${MODEM}`]: { sick: '0+600x600', well: '0+600x600' },
      [`node_network_transmit_packets_total${MODEM}`]: { sick: '0+600x600', well: '0+600x600' },
    }),
    quiet: ['9m', '20m'],
    fires: { at: '40m', alerts: [{ labels: { ...SICK, device: 'wwan0' }, value: '5%' }] },
    resolved: '60m',
  },
  EdgeUplinkOverBudget: {
    series: seriesOnNodes({
      // 60 MiB a minute from minute 10 to 30, which leaves the day's window at minute 1470.
      [`node_network_receive_bytes_total${MODEM}`]: {
        sick: '0x9 0+62914560x20 1258291200x1600',
        well: '0+600x1600',
      },
      [`node_network_transmit_bytes_total${MODEM}`]: { sick: '0x1600', well: '0+600x1600' },
      // Another device is not metered.
      'node_network_receive_bytes_total{device="eth0"}': { sick: '0x1600', well: '0+62914560x1600' },
    }),
    quiet: ['9m', '20m'],
    fires: { at: '40m', alerts: [{ labels: SICK, value: '1.172Gi' }] },
    resolved: '1490m',
  },
  // Groups of dist/fleet: one may send 20Mi, the other one 50Mi.
  EdgeTelemetryOverBudget: {
    series: {
      ...seriesOnNodes({}),
      ...agentTrafficSeries('sick', 'vehicles'),
      ...agentTrafficSeries('well', 'kiosks'),
      // Traffic of other programs is covered by another alert.
      'node_network_receive_bytes_total{cluster="c", group="kiosks", node="well", device="wwan0"}':
        '0+62914560x1600',
    },
    quiet: ['9m', '20m'],
    fires: { at: '40m', alerts: [{ labels: { ...SICK, group: 'vehicles' }, value: '30Mi' }] },
    resolved: '1490m',
  },
};

/** From minute 10 to 30, 20 MiB of samples, 5 MiB of answers and as much of lines. */
function agentTrafficSeries(node: string, group: string): Record<string, string> {
  const of = (job: string) => `{cluster="c", group="${group}", node="${node}", job="${job}"}`;
  return {
    [`vmagent_remotewrite_conn_bytes_written_total${of('edge-metrics-agent')}`]:
      '0x9 0+1048576x20 20971520x1600',
    [`vmagent_remotewrite_conn_bytes_read_total${of('edge-metrics-agent')}`]: '0x9 0+262144x20 5242880x1600',
    [`loki_write_sent_bytes_total${of('edge-log-collector')}`]: '0x9 0+262144x20 5242880x1600',
  };
}
