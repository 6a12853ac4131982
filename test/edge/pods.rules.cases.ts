import { type AlertCases, constantValues, heartbeatSeries, SICK, seriesOnNodes } from '../support/rule-cases';

const NODES = ['sick', 'well', 'silent'];

/** A pod on each of the nodes, and one of the cloud that is in trouble, too. */
const podSeries = (metric: string, labels: string, sick: string, well: string) => ({
  ...heartbeatSeries('sick'),
  ...heartbeatSeries('well'),
  ...heartbeatSeries('silent', true),
  ...Object.fromEntries(
    [...NODES, 'cloud'].flatMap((node) => [
      [`kube_pod_info{cluster="c", namespace="shop", pod="web-${node}", node="${node}"}`, constantValues(1)],
      [
        `kube_pod_status_phase{cluster="c", namespace="shop", pod="web-${node}", phase="Running"}`,
        constantValues(1),
      ],
      [`${metric}{cluster="c", namespace="shop", pod="web-${node}"${labels}}`, node === 'well' ? well : sick],
    ]),
  ),
});

const POD = { ...SICK, namespace: 'shop', pod: 'web-sick' };
const CONTAINER = { ...POD, container: 'web' };
const OF_CONTAINER = '{namespace="shop", pod="web-sick", container="web"}';
/** Some edges give containers no pod. */
const NAMELESS = '{namespace="", pod="", container="", id="/kubepods/x"}';

export const podCases: AlertCases = {
  EdgePodRestarting: {
    series: podSeries(
      'kube_pod_container_status_restarts_total',
      ', container="web"',
      '0x9 0+1x10 10x500',
      constantValues(20),
    ),
    quiet: ['9m'],
    fires: { at: '19m', alerts: [{ labels: CONTAINER, value: '9' }] },
    resolved: '90m',
  },
  EdgePodNotReady: {
    series: podSeries('kube_pod_status_ready', ', condition="false"', '0x9 1x30 0x500', constantValues(0)),
    quiet: ['9m', '20m'],
    fires: { at: '30m', alerts: [{ labels: POD }] },
    resolved: '42m',
  },
  EdgePodOutdated: {
    series: Object.fromEntries(
      ['desired', 'updated'].map((kind) => [
        `kube_daemonset_status_${kind}_number_scheduled{cluster="c", namespace="monitoring-edge", daemonset="edge-node-exporter"}`,
        kind === 'desired' ? '5x3100' : '5x9 2x2999 5x100',
      ]),
    ),
    quiet: ['9m', '2800m'],
    fires: {
      at: '2950m',
      alerts: [
        {
          labels: { cluster: 'c', namespace: 'monitoring-edge', daemonset: 'edge-node-exporter' },
          value: '3',
        },
      ],
    },
    resolved: '3020m',
  },
  EdgePodCpuThrottled: {
    series: seriesOnNodes({
      [`container_cpu_cfs_periods_total${OF_CONTAINER}`]: { sick: '0+600x600', well: '0+600x600' },
      [`container_cpu_cfs_throttled_periods_total${OF_CONTAINER}`]: {
        sick: '0x9 0+300x60 18000x500',
        well: '0+60x600',
      },
      [`container_cpu_cfs_periods_total${NAMELESS}`]: { sick: '0+600x600', well: '0+600x600' },
      [`container_cpu_cfs_throttled_periods_total${NAMELESS}`]: { sick: '0+600x600', well: '0+600x600' },
    }),
    quiet: ['9m', '35m'],
    fires: { at: '60m', alerts: [{ labels: CONTAINER, value: '50%' }] },
    resolved: '80m',
  },
  EdgePodOomKilled: {
    series: seriesOnNodes({
      [`container_oom_events_total${OF_CONTAINER}`]: { sick: '0x9 2x500', well: constantValues(4) },
      [`container_oom_events_total${NAMELESS}`]: { sick: '0x9 2x500', well: '0x9 2x500' },
    }),
    quiet: ['9m'],
    fires: { at: '12m', alerts: [{ labels: CONTAINER, value: '2' }] },
    resolved: '30m',
  },
};
