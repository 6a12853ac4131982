import type { DashboardSource, Panel } from '../../contracts/dashboards';
import { OF_CLUSTER, OF_GROUP, OF_NODE, table, timeseries, topFiveSeriesExpr } from '../../core/panels';

const NEEDS_KUBE_STATE_METRICS = 'there is no kube-state-metrics, or no pod runs on edge nodes';
const NEEDS_AGENT =
  'no EdgeMetricsAgent scrapes the kubelets, or the kubelets report no pods (kubeedge#2817)';

/**
 * Returns an expression that adds the label `node` to the series of pods. The result contains only pods on the edge
 * nodes that are selected in the dashboard.
 */
const addNodeLabelToPodSeriesExpr = (expr: string) =>
  `${expr} * on (cluster, namespace, pod) group_left (node) max by (cluster, namespace, pod, node) (kube_pod_info{${OF_CLUSTER}, node=~"$node"} and on (cluster, node) edge_node:last_seen:timestamp{${OF_GROUP}})`;

const podPhasesPanel = (): Panel =>
  timeseries(
    'Pods by phase',
    'Pods on edge nodes by phase, from the API server.',
    [
      {
        expr: `sum by (phase) (${addNodeLabelToPodSeriesExpr(`max by (cluster, namespace, pod, phase) (kube_pod_status_phase{${OF_CLUSTER}})`)})`,
        legend: '{{phase}}',
      },
    ],
    { width: 12, emptyWhen: NEEDS_KUBE_STATE_METRICS },
  );

const notReadyPodsTable = (): Panel =>
  table(
    'Not ready',
    'Pods that are not ready, including pods of silent nodes. The state of a pod on a silent node is unknown.',
    [
      {
        expr: `${addNodeLabelToPodSeriesExpr(`(max by (cluster, namespace, pod) (kube_pod_status_ready{condition=~"false|unknown", ${OF_CLUSTER}}) == 1)`)}`,
        legend: 'not ready',
      },
    ],
    { alerts: ['EdgePodNotReady'], emptyWhen: 'all pods are ready' },
  );

const containerRestartsTable = (): Panel =>
  table(
    'Container restarts per day',
    'Containers that restarted within the last day, with the number of restarts.',
    [
      {
        expr: `${addNodeLabelToPodSeriesExpr(`max by (cluster, namespace, pod, container) (round(increase(kube_pod_container_status_restarts_total{${OF_CLUSTER}}[1d])) > 0)`)}`,
        legend: 'restarts',
      },
    ],
    { alerts: ['EdgePodRestarting'], emptyWhen: 'no container restarted' },
  );

const outdatedPodsTable = (): Panel =>
  table(
    'Outdated pods',
    'Pods of DaemonSets that run an outdated template. With the update strategy OnDelete, a pod is only updated when it is deleted.',
    [
      {
        expr: `max by (cluster, namespace, daemonset) (kube_daemonset_status_desired_number_scheduled{${OF_CLUSTER}} - kube_daemonset_status_updated_number_scheduled{${OF_CLUSTER}} > 0)`,
        legend: 'pods',
      },
    ],
    { alerts: ['EdgePodOutdated'], emptyWhen: 'all pods run the latest template' },
  );

const podResourceUsagePanel = (
  title: string,
  description: string,
  expr: string,
  more: Partial<Panel>,
): Panel =>
  timeseries(
    title,
    description,
    [
      {
        expr: topFiveSeriesExpr(`sum by (namespace, pod, node) (${expr})`),
        legend: '{{node}} {{namespace}}/{{pod}}',
      },
    ],
    { emptyWhen: NEEDS_AGENT, ...more },
  );

/** Returns the dashboard about the pods of edge nodes. */
export const podsDashboard = (): DashboardSource => ({
  dashboards: [
    {
      uid: 'edge-pods',
      title: 'Edge: pods',
      description: 'Pods on edge nodes: phases, restarts, outdated templates and resource usage.',
      rows: [
        {
          title: 'State (API server)',
          panels: [podPhasesPanel(), notReadyPodsTable(), containerRestartsTable(), outdatedPodsTable()],
        },
        {
          title: 'Resource usage (kubelet)',
          panels: [
            podResourceUsagePanel(
              'CPU usage',
              'CPU cores used, for the five pods with the highest usage.',
              `rate(container_cpu_usage_seconds_total{pod!="", ${OF_NODE}}[$__rate_interval])`,
              { unit: 'suffix:cores', alerts: ['EdgePodCpuThrottled'] },
            ),
            podResourceUsagePanel(
              'Memory usage',
              'Memory in use (working set), for the five pods with the highest usage.',
              `container_memory_working_set_bytes{pod!="", ${OF_NODE}}`,
              { unit: 'bytes', alerts: ['EdgePodOomKilled'] },
            ),
            podResourceUsagePanel(
              'Network traffic',
              'Bytes received and sent per second, for the five pods with the most traffic.',
              ['receive', 'transmit']
                .map(
                  (way) =>
                    `rate(container_network_${way}_bytes_total{pod!="", ${OF_NODE}}[$__rate_interval])`,
                )
                .join(' + '),
              {
                unit: 'binBps',
                emptyWhen: `${NEEDS_AGENT}; the profile "lean" does not include network metrics`,
              },
            ),
          ],
        },
      ],
    },
  ],
});
