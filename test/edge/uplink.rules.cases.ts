import { type AlertCases, always, onNodes, SICK } from '../support/rule-cases';

const MODEM = '{device="wwan0"}';

export const uplinkCases: AlertCases = {
  EdgeNetworkErrors: {
    series: onNodes({
      [`node_network_receive_errs_total${MODEM}`]: { sick: '0x9 0+60x40 2400x500', well: always(5) },
      [`node_network_transmit_errs_total${MODEM}`]: { sick: always(0), well: always(0) },
      [`node_network_receive_packets_total${MODEM}`]: { sick: '0+600x600', well: '0+600x600' },
      [`node_network_transmit_packets_total${MODEM}`]: { sick: '0+600x600', well: '0+600x600' },
    }),
    quiet: ['9m', '20m'],
    fires: { at: '40m', alerts: [{ labels: { ...SICK, device: 'wwan0' }, value: '5%' }] },
    resolved: '60m',
  },
  EdgeUplinkOverBudget: {
    series: onNodes({
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
};
