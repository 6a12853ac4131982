import { pushgatewayCasesOf } from '../cloud/pushgateway.rules.cases';
import {
  type AlertCase,
  type AlertCases,
  asRemoteWriteCase,
  constantValues,
  edgeNodeRoleSeries,
  nodeSeries,
  SICK,
} from '../support/rule-cases';
import { reachabilityCases } from './reachability.rules.cases';
import { storageCases } from './storage.rules.cases';

/** The link of a node is down from minute 10 on, and back in minute 40. What waited meanwhile comes late. */
const OUTAGE = '1x10 _x29 1x500';

const agentSeries = (node: string, values = OUTAGE) => ({
  [nodeSeries('up{job="edge-metrics-agent"}', node)]: values,
});

/**
 * Three of four nodes lose their link, later all of them the gateway, and Prometheus itself is down, which is not a
 * fault of the edge: their samples arrive gradually, the oldest first.
 */
const LOST = {
  'up{cluster="c", job="metrics-gateway", instance="m-0"}': '1x99 0x29 1x69 _x29 1x500',
  'vmagent_remotewrite_pending_data_bytes{cluster="c", job="metrics-gateway", instance="m-0"}':
    '0x199 _x29 1000000000x5 0x500',
  ...agentSeries('a', '1x10 _x29 1x59 _x29 1x69 _x36 1x500'),
  ...agentSeries('b', '1x10 _x29 1x59 _x29 1x69 _x36 1x500'),
  ...agentSeries('d', '1x10 _x29 1x59 _x29 1x69 _x36 1x500'),
  ...agentSeries('e', '1x99 _x29 1x69 _x36 1x500'),
};

/** Figures of a file system of a kiosk, whose image is read-only and full by design. */
function kioskFileSystemSeries(
  mountpoint: string,
  figures: Readonly<Record<string, string>>,
): Record<string, string> {
  const labels = `{cluster="c", group="kiosks", node="kiosk", mountpoint="${mountpoint}", fstype="ext4"}`;
  return Object.fromEntries(
    Object.entries({ size_bytes: constantValues(100), ...figures }).map(([name, values]) => [
      `node_filesystem_${name}${labels}`,
      values,
    ]),
  );
}

/** Returns a case about file systems with an additional kiosk, of which only the data file system is checked. */
function caseWithKiosk(
  name: keyof typeof storageCases,
  figures: Readonly<Record<string, string>>,
): AlertCase {
  const { series: others, fires, ...one } = asRemoteWriteCase(storageCases[name] as AlertCase);
  const [first, ...more] = fires.alerts;
  const kiosk = {
    ...first,
    labels: { ...first?.labels, group: 'kiosks', node: 'kiosk', mountpoint: '/data' },
  };
  return {
    ...one,
    series: {
      ...others,
      'up{cluster="c", group="kiosks", node="kiosk", job="edge-metrics-agent"}': constantValues(1),
      ...kioskFileSystemSeries('/', figures),
      ...kioskFileSystemSeries('/data', figures),
    },
    fires: { ...fires, alerts: [...(first ? [first, kiosk] : []), ...more] },
  };
}

/** Differences with remote write: the last values of a silent node are not kept. */
/** The same series of another metric. */
const renameSeries = (series: AlertCases[string]['series'] = {}, from: string, to: string) =>
  Object.fromEntries(Object.entries(series).map(([name, values]) => [name.replace(from, to), values]));

export const remoteWriteCases: AlertCases = {
  ...pushgatewayCasesOf('pushgateway-services', 'loki'),
  EdgeDiskFilling: caseWithKiosk('EdgeDiskFilling', { avail_bytes: '39-0.05x400 80x600' }),
  EdgeDiskFull: caseWithKiosk('EdgeDiskFull', { avail_bytes: '50x9 5x30 50x500' }),
  EdgeInodesLow: caseWithKiosk('EdgeInodesLow', {
    files: constantValues(1_000),
    files_free: '500x9 10x30 500x500',
  }),
  EdgeFileSystemReadOnly: caseWithKiosk('EdgeFileSystemReadOnly', { readonly: '0x9 1x30 0x500' }),
  // Business services push here, too.
  EdgePushesRefused: {
    ...(reachabilityCases.EdgePushesRefused as AlertCases[string]),
    series: renameSeries(
      reachabilityCases.EdgePushesRefused?.series,
      'pushgateway_filter_pushes_refused_total',
      'metrics_gateway_limiter_pushes_refused_total',
    ),
  },
  EdgeNodesUnknown: {
    series: {
      ...agentSeries('well', constantValues(1)),
      ...agentSeries('a', '_x10 1x20 _x500'),
      ...agentSeries('b', '_x10 1x20 _x500'),
      [edgeNodeRoleSeries('a')]: '_x600',
      [edgeNodeRoleSeries('b')]: '_x600',
    },
    quiet: ['9m', '20m'],
    fires: { at: '28m', alerts: [{ labels: { cluster: 'c' }, value: '2' }] },
    resolved: '40m',
  },
  EdgeFleetSilent: {
    series: LOST,
    quiet: ['10m', '15m', '110m', '120m', '132m', '231m', '234m', '236m'],
    fires: { at: '20m', alerts: [{ labels: { cluster: 'c' }, value: '75%' }] },
    resolved: '42m',
  },
  EdgeGroupSilent: {
    series: LOST,
    quiet: ['10m', '15m', '110m', '120m', '132m', '231m', '234m', '236m'],
    fires: { at: '20m', alerts: [{ labels: { cluster: 'c', group: 'plants' }, value: '75%' }] },
    resolved: '42m',
  },
  EdgeNodeSilent: {
    series: {
      ...agentSeries('sick'),
      // Services of a node, or a neighbour of it, cannot keep it from being missed.
      [nodeSeries('edge_pushes_refused_total{job="(other)", reason="forbidden"}', 'sick')]:
        '0+60x14 _x25 0x500',
      [nodeSeries('metrics_gateway_limiter_pushes_refused_total{job="shop", reason="duplicate"}', 'sick')]:
        '0+60x500',
      ...agentSeries('well', constantValues(1)),
      'up{cluster="c", job="metrics-gateway", instance="m-0"}': constantValues(1),
      // Another exporter of the node is no sign of life of its agent, and cloud nodes are read by Prometheus.
      'up{cluster="c", node="cloud-1", job="node-exporter"}': OUTAGE,
      // An upgrade from one replica of Prometheus to two: samples wait in the gateway, until its queue is drained.
      [edgeNodeRoleSeries('queued')]: '_x600',
      'kube_node_role{cluster="upgraded", job="kube-state-metrics", node="queued", role="edge"}':
        constantValues(1),
      'up{cluster="upgraded", group="plants", node="queued", job="edge-metrics-agent"}': '1x9 _x29 1x500',
      'up{cluster="upgraded", job="metrics-gateway", instance="m-0"}': constantValues(1),
      'vmagent_remotewrite_pending_data_bytes{cluster="upgraded", job="metrics-gateway", instance="m-0"}':
        '0x9 50000000x29 0x500',
    },
    quiet: ['10m', '15m'],
    fires: { at: '20m', alerts: [{ labels: SICK, value: '10m 0s' }] },
    resolved: '42m',
  },
  EdgeExporterDown: {
    series: {
      ...agentSeries('sick', constantValues(1)),
      [nodeSeries('up{job="meter"}', 'sick')]: '1x14 0x25 1x500',
      ...agentSeries('well', constantValues(1)),
      [nodeSeries('up{job="meter"}', 'well')]: constantValues(1),
      // Its last reading failed, and then its link.
      ...agentSeries('silent'),
      [nodeSeries('up{job="meter"}', 'silent')]: '1x9 0x1 _x29 1x500',
      'up{cluster="c", node="cloud-1", job="node-exporter"}': constantValues(0),
    },
    quiet: ['10m', '19m'],
    fires: { at: '25m', alerts: [{ labels: { ...SICK, job: 'meter' } }] },
    resolved: '42m',
  },
  EdgeTargetDown: {
    series: {
      ...agentSeries('sick', constantValues(1)),
      [nodeSeries('up{job="plc", instance="a", target="a"}', 'sick')]: '1x9 0x30 1x500',
      [nodeSeries('up{job="plc", instance="b", target="b"}', 'sick')]: constantValues(1),
      [nodeSeries('up{job="meter", instance="sick"}', 'sick')]: constantValues(0),
      ...agentSeries('well', constantValues(1)),
      [nodeSeries('probe_success{job="probe", instance="web", target="web"}', 'well')]: '1x9 0x30 1x500',
      ...agentSeries('silent'),
      [nodeSeries('up{job="plc", instance="a", target="a"}', 'silent')]: '1x9 0x1 _x29 1x500',
    },
    quiet: ['9m', '12m'],
    fires: {
      at: '30m',
      alerts: [
        { labels: { ...SICK, job: 'plc', instance: 'a' } },
        { labels: { ...SICK, node: 'well', job: 'probe', instance: 'web' } },
      ],
    },
    resolved: '42m',
  },
};

/** Alerts that promtool cannot show there, and where they are shown. */
export const NOT_OF_PROMTOOL: Readonly<Record<string, string>> = {
  EdgeClockSkewed:
    'it looks at samples of the future, which promtool withholds: test/e2e/late-samples.test.ts',
};
