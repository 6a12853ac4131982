import {
  type AlertCases,
  constantValues,
  edgeNodeRoleSeries,
  heartbeatSeries,
  nodeSeries,
  SICK,
  seriesOnNodes,
} from '../support/rule-cases';

const RECEIVER = { 'up{cluster="c", job="pushgateway", instance="p"}': constantValues(1) };

/** Pushed until minute 10, and again from minute 40 on. */
const OUTAGE = '0+60x10 600x29 2400+60x500';

const pushSeries = (node: string, values: string) => ({
  [nodeSeries('push_time_seconds{job="node_exporter", pushgateway="pushgateway"}', node)]: values,
});

/** Nodes of a group that lose their link together. */
const lostNodes = (...nodes: string[]) => Object.assign({}, ...nodes.map((node) => pushSeries(node, OUTAGE)));

export const reachabilityCases: AlertCases = {
  EdgeFleetSilent: {
    series: { ...RECEIVER, ...lostNodes('a', 'b', 'd'), ...heartbeatSeries('e') },
    quiet: ['10m', '15m'],
    fires: { at: '20m', alerts: [{ labels: { cluster: 'c' }, value: '75%' }] },
    resolved: '42m',
  },
  EdgeGroupSilent: {
    series: { ...RECEIVER, ...lostNodes('a', 'b', 'd'), ...heartbeatSeries('e') },
    quiet: ['10m', '15m'],
    fires: { at: '20m', alerts: [{ labels: { cluster: 'c', group: 'plants' }, value: '75%' }] },
    resolved: '42m',
  },
  EdgeNodeSilent: {
    series: {
      ...RECEIVER,
      ...pushSeries('sick', OUTAGE),
      ...heartbeatSeries('well'),
      // Remote write: the newest sample is from minute 12.
      [nodeSeries('up{job="edge-metrics-agent"}', 'writes')]: '1x12 _x27 1x500',
      [nodeSeries('up{job="edge-metrics-agent"}', 'writes-well')]: constantValues(1),
      // Changed its transport: the old group stays in the Pushgateway.
      ...pushSeries('changed', '0+60x10 600x600'),
      'up{cluster="c", group="south", node="changed", job="edge-metrics-agent"}': '_x9 1x500',
      // Joined in minute 13, sent nothing, and is deleted in minute 34.
      [edgeNodeRoleSeries('mute')]: '_x13 1x20 _x600',
      // Deleted from the cluster; its pushed samples stay. While kube-state-metrics restarts, no node counts as
      // deleted.
      [edgeNodeRoleSeries('deleted')]: '1x12 _x600',
      ...pushSeries('deleted', '0+60x10 600x600'),
      // Sends metrics until minute 10, and is not a node of the cluster, regardless of its claims.
      ...pushSeries('stranger', OUTAGE),
      [edgeNodeRoleSeries('stranger')]: '_x600',
      'kube_node_role{cluster="c", job="node_exporter", node="stranger", role="edge"}': constantValues(1),
      // Of the cloud.
      [edgeNodeRoleSeries('cloud-1')]: '_x600',
      'kube_node_role{cluster="c", job="kube-state-metrics", node="cloud-1", role="control-plane"}':
        constantValues(1),
      'kube_node_info{cluster="c", job="kube-state-metrics", node="cloud-1"}': constantValues(1),
      // Business services push when they like.
      'push_time_seconds{cluster="c", node="meter", job="meter", pushgateway="pushgateway-services"}':
        constantValues(0),
    },
    quiet: ['10m', '15m'],
    fires: {
      at: '20m',
      alerts: [
        { labels: SICK, value: '10m 0s' },
        { labels: { ...SICK, node: 'writes' }, value: '8m 0s' },
        { labels: { cluster: 'c', node: 'mute' }, value: '7m 0s' },
      ],
    },
    resolved: '42m',
  },
  EdgeNodesUnknown: {
    series: {
      ...heartbeatSeries('well'),
      // Two names that are no nodes of the cluster, each by both transports and under two groups.
      ...Object.fromEntries(
        ['a', 'b'].flatMap((node) => [
          [edgeNodeRoleSeries(node), '_x600'],
          [
            nodeSeries('push_time_seconds{job="x", pushgateway="pushgateway"}', node),
            `_x10 600+60x20 1800x500`,
          ],
          [
            `push_time_seconds{cluster="c", group="other", node="${node}", job="y", pushgateway="pushgateway"}`,
            '_x10 600+60x20 1800x500',
          ],
          [nodeSeries('up{job="edge-metrics-agent"}', node), '_x10 1x20 _x500'],
        ]),
      ),
      // Deleted from the cluster: its exporters are gone, and their pushed samples stay.
      [edgeNodeRoleSeries('deleted')]: '1x12 _x600',
      ...pushSeries('deleted', '0+60x10 600x600'),
      // Business services push from where they like.
      'push_time_seconds{cluster="c", node="meter", job="meter", pushgateway="pushgateway-services"}':
        '0+60x600',
    },
    quiet: ['9m', '20m'],
    fires: { at: '28m', alerts: [{ labels: { cluster: 'c' }, value: '2' }] },
    resolved: '40m',
  },
  EdgePushesRefused: {
    series: {
      [nodeSeries(
        'pushgateway_filter_pushes_refused_total{job="node_exporter", reason="duplicate"}',
        'sick',
      )]: '0x9 0+6x19 120x500',
      [nodeSeries(
        'pushgateway_filter_pushes_refused_total{job="node_exporter", reason="duplicate"}',
        'well',
      )]: constantValues(7),
    },
    quiet: ['10m', '14m'],
    fires: {
      at: '25m',
      alerts: [{ labels: { ...SICK, job: 'node_exporter', reason: 'duplicate' }, value: '60' }],
    },
    resolved: '42m',
  },
  EdgeExporterDown: {
    series: {
      ...heartbeatSeries('sick'),
      ...heartbeatSeries('well'),
      ...heartbeatSeries('silent', true),
      [nodeSeries('push_time_seconds{job="modem", pushgateway="pushgateway"}', 'sick')]: OUTAGE,
      [nodeSeries('push_time_seconds{job="modem", pushgateway="pushgateway"}', 'well')]: '0+60x600',
      [nodeSeries('push_time_seconds{job="modem", pushgateway="pushgateway"}', 'silent')]: '-3600x600',
      // Read by an agent of the node.
      [nodeSeries('up{job="edge-metrics-agent"}', 'writes')]: constantValues(1),
      [nodeSeries('up{job="meter"}', 'writes')]: '1x14 0x25 1x500',
      // Read by Prometheus: of the cloud.
      'up{cluster="c", node="cloud-1", job="node_exporter"}': constantValues(0),
      // In another group since minute 10: samples pushed in the former one stay.
      ...pushSeries('changed', '0+60x10 600x600'),
      'push_time_seconds{cluster="c", group="south", node="changed", job="node_exporter", pushgateway="pushgateway"}':
        '_x10 660+60x600',
    },
    quiet: ['10m', '19m'],
    fires: {
      at: '25m',
      alerts: [{ labels: { ...SICK, job: 'modem' } }, { labels: { ...SICK, node: 'writes', job: 'meter' } }],
    },
    resolved: '42m',
  },
  EdgeTargetDown: {
    series: {
      ...heartbeatSeries('sick'),
      ...heartbeatSeries('well'),
      ...heartbeatSeries('silent', true),
      [nodeSeries('exporter_target_up{job="plc", instance="a"}', 'sick')]: '1x9 0x30 1x500',
      [nodeSeries('exporter_target_up{job="plc", instance="b"}', 'sick')]: constantValues(1),
      [nodeSeries('exporter_target_up{job="plc", instance="a"}', 'silent')]: constantValues(0),
      // The exporter answers that its probe failed.
      [nodeSeries('exporter_target_up{job="probe", instance="web"}', 'well')]: constantValues(1),
      [nodeSeries('probe_success{job="probe", instance="web"}', 'well')]: '1x9 0x30 1x500',
      // A removed target stays in the Pushgateway for a while.
      [nodeSeries('exporter_target_up{job="plc", instance="gone"}', 'well')]: constantValues(0),
      [nodeSeries('push_time_seconds{job="plc", instance="gone", pushgateway="pushgateway"}', 'well')]:
        constantValues(-3_600),
      // Read by an agent of the node, which reads exporters of one target, too.
      [nodeSeries('up{job="edge-metrics-agent"}', 'writes')]: constantValues(1),
      [nodeSeries('up{job="plc", instance="c", target="c"}', 'writes')]: '1x9 0x30 1x500',
      [nodeSeries('up{job="plc", instance="d", target="d"}', 'writes')]: constantValues(1),
      [nodeSeries('up{job="meter", instance="writes"}', 'writes')]: constantValues(0),
    },
    quiet: ['9m', '12m'],
    fires: {
      at: '30m',
      alerts: [
        { labels: { ...SICK, job: 'plc', instance: 'a' } },
        { labels: { ...SICK, node: 'well', job: 'probe', instance: 'web' } },
        { labels: { ...SICK, node: 'writes', job: 'plc', instance: 'c' } },
      ],
    },
    resolved: '42m',
  },
  EdgeClockSkewed: {
    series: seriesOnNodes({
      'node_time_seconds{job="node_exporter"}': { sick: '0+60x9 900+60x29 2400+60x500', well: '1+60x600' },
    }),
    quiet: ['9m', '15m'],
    fires: { at: '25m', alerts: [{ labels: { ...SICK, job: 'node_exporter' }, value: '5m 0s' }] },
    resolved: '42m',
  },
  EdgeClockUnsynchronized: {
    series: seriesOnNodes({
      node_timex_sync_status: { sick: '1x9 0x89 1x500', well: constantValues(1) },
      node_timex_maxerror_seconds: { sick: '0x9 16x89 0x500', well: constantValues(16) },
    }),
    quiet: ['9m', '60m'],
    fires: { at: '80m', alerts: [{ labels: SICK }] },
    resolved: '102m',
  },
  EdgeKubeletAway: {
    series: {
      ...heartbeatSeries('sick'),
      ...heartbeatSeries('well'),
      ...heartbeatSeries('silent', true),
      ...Object.fromEntries(
        ['sick', 'silent', 'cloud-1'].map((node) => [
          `kube_node_status_condition{cluster="c", node="${node}", condition="Ready", status="true"}`,
          '1x9 0x29 1x500',
        ]),
      ),
      'kube_node_status_condition{cluster="c", node="well", condition="Ready", status="true"}':
        constantValues(1),
    },
    quiet: ['9m', '15m'],
    fires: { at: '25m', alerts: [{ labels: SICK }] },
    resolved: '42m',
  },
};
