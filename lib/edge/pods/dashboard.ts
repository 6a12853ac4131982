import type { DashboardSource, Panel } from '../../contracts/dashboards';
import { OF_CLUSTER, OF_GROUP, OF_NODE, table, timeseries, worst } from '../../core/panels';

const NEEDS_KUBE_STATE_METRICS = 'kube-state-metrics is not there, or no pod runs at the edge';
const NEEDS_AGENT = 'no EdgeMetricsAgent reads the kubelets, or they name no pods (kubeedge#2817)';

/** Adds the node to series about a pod, for the selected edge nodes. */
const onNodes = (expr: string) =>
  `${expr} * on (cluster, namespace, pod) group_left (node) max by (cluster, namespace, pod, node) (kube_pod_info{${OF_CLUSTER}, node=~"$node"} and on (cluster, node) edge_node:last_seen:timestamp{${OF_GROUP}})`;

const phases = (): Panel =>
  timeseries(
    'Pods by phase',
    'Pods of the edge nodes, as the API server knows them.',
    [
      {
        expr: `sum by (phase) (${onNodes(`max by (cluster, namespace, pod, phase) (kube_pod_status_phase{${OF_CLUSTER}})`)})`,
        legend: '{{phase}}',
      },
    ],
    { width: 12, emptyWhen: NEEDS_KUBE_STATE_METRICS },
  );

const notReady = (): Panel =>
  table(
    'Not ready',
    'Pods that are not ready. Those of silent nodes stand here too: nobody knows.',
    [
      {
        expr: `${onNodes(`(max by (cluster, namespace, pod) (kube_pod_status_ready{condition=~"false|unknown", ${OF_CLUSTER}}) == 1)`)}`,
        legend: 'not ready',
      },
    ],
    { alerts: ['EdgePodNotReady'], emptyWhen: 'all pods are ready' },
  );

const restarts = (): Panel =>
  table(
    'Restarts within a day',
    'Containers that started again.',
    [
      {
        expr: `${onNodes(`max by (cluster, namespace, pod, container) (round(increase(kube_pod_container_status_restarts_total{${OF_CLUSTER}}[1d])) > 0)`)}`,
        legend: 'restarts',
      },
    ],
    { alerts: ['EdgePodRestarting'], emptyWhen: 'no container started again' },
  );

const outdated = (): Panel =>
  table(
    'Older templates',
    'Pods of DaemonSets that run an older template; nothing rolls them but their deletion.',
    [
      {
        expr: `max by (cluster, namespace, daemonset) (kube_daemonset_status_desired_number_scheduled{${OF_CLUSTER}} - kube_daemonset_status_updated_number_scheduled{${OF_CLUSTER}} > 0)`,
        legend: 'pods',
      },
    ],
    { alerts: ['EdgePodOutdated'], emptyWhen: 'all pods run the newest template' },
  );

const usage = (title: string, description: string, expr: string, more: Partial<Panel>): Panel =>
  timeseries(
    title,
    description,
    [{ expr: worst(`sum by (namespace, pod, node) (${expr})`), legend: '{{node}} {{namespace}}/{{pod}}' }],
    { emptyWhen: NEEDS_AGENT, ...more },
  );

/** Returns the dashboard about the pods of edge nodes. */
export const podsDashboard = (): DashboardSource => ({
  dashboards: [
    {
      uid: 'edge-pods',
      title: 'Edge: pods',
      description: 'What runs on edge nodes: phases, restarts, templates, and what it uses.',
      rows: [
        { title: 'As the cloud knows them', panels: [phases(), notReady(), restarts(), outdated()] },
        {
          title: 'As their nodes measure them',
          panels: [
            usage(
              'Processor',
              'Cores that a pod uses, of the five pods that use most.',
              `rate(container_cpu_usage_seconds_total{pod!="", ${OF_NODE}}[$__rate_interval])`,
              { unit: 'suffix:cores', alerts: ['EdgePodCpuThrottled'] },
            ),
            usage(
              'Memory',
              'What a pod holds and cannot give back, of the five pods that hold most.',
              `container_memory_working_set_bytes{pod!="", ${OF_NODE}}`,
              { unit: 'bytes', alerts: ['EdgePodOomKilled'] },
            ),
            usage(
              'Network',
              'Bytes a second that a pod receives and sends, of the five pods with most.',
              ['receive', 'transmit']
                .map(
                  (way) =>
                    `rate(container_network_${way}_bytes_total{pod!="", ${OF_NODE}}[$__rate_interval])`,
                )
                .join(' + '),
              { unit: 'binBps', emptyWhen: `${NEEDS_AGENT}; the profile lean leaves it out` },
            ),
          ],
        },
      ],
    },
  ],
});
