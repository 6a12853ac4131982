import { type AlertCases, constantValues } from '../support/rule-cases';

const ROLES = { 'kube_node_role{cluster="c", node="edge-1", role="edge"}': constantValues(1) };
const POD = { cluster: 'c', namespace: 'shop', pod: 'web-1' };
const VOLUME = 'cluster="c", namespace="monitoring", persistentvolumeclaim="data-loki-0"';
const CLAIM = { cluster: 'c', namespace: 'monitoring', persistentvolumeclaim: 'data-loki-0' };

export const kubernetesCases: AlertCases = {
  KubeNodeNotReady: {
    series: {
      ...ROLES,
      'kube_node_status_condition{cluster="c", node="cloud-1", condition="Ready", status="true"}':
        '1x9 0x30 1x500',
      'kube_node_status_condition{cluster="c", node="edge-1", condition="Ready", status="true"}':
        '1x9 0x30 1x500',
    },
    quiet: ['9m', '15m'],
    fires: { at: '30m', alerts: [{ labels: { cluster: 'c', node: 'cloud-1' } }] },
    resolved: '42m',
  },
  KubePodCrashLooping: {
    series: {
      ...ROLES,
      'kube_pod_info{cluster="c", namespace="shop", pod="edge-pod", node="edge-1"}': constantValues(1),
      ...Object.fromEntries(
        ['web-1', 'edge-pod'].map((pod) => [
          `kube_pod_container_status_waiting_reason{cluster="c", namespace="shop", pod="${pod}", container="web", reason="CrashLoopBackOff"}`,
          '_x9 1x30 _x500',
        ]),
      ),
    },
    quiet: ['9m', '20m'],
    fires: { at: '30m', alerts: [{ labels: { ...POD, container: 'web' } }] },
    resolved: '50m',
  },
  KubeWorkloadUnavailable: {
    series: {
      'kube_deployment_spec_replicas{cluster="c", namespace="shop", deployment="web"}': constantValues(3),
      'kube_deployment_status_replicas_available{cluster="c", namespace="shop", deployment="web"}':
        '3x9 1x30 3x500',
      'kube_statefulset_replicas{cluster="c", namespace="shop", statefulset="db"}': constantValues(1),
      'kube_statefulset_status_replicas_ready{cluster="c", namespace="shop", statefulset="db"}':
        '1x9 0x30 1x500',
    },
    quiet: ['9m', '20m'],
    fires: {
      at: '30m',
      alerts: [
        { labels: { cluster: 'c', namespace: 'shop', deployment: 'web', workload: 'web' }, value: '2' },
        { labels: { cluster: 'c', namespace: 'shop', statefulset: 'db', workload: 'db' }, value: '1' },
      ],
    },
    resolved: '42m',
  },
  KubeVolumeFull: {
    series: {
      [`kubelet_volume_stats_capacity_bytes{${VOLUME}}`]: constantValues(100),
      [`kubelet_volume_stats_available_bytes{${VOLUME}}`]: '50x9 10x30 50x500',
    },
    quiet: ['9m', '12m'],
    fires: { at: '30m', alerts: [{ labels: CLAIM, value: '90%' }] },
    resolved: '42m',
  },
  KubeVolumeFilling: {
    series: {
      [`kubelet_volume_stats_capacity_bytes{${VOLUME}}`]: constantValues(100),
      [`kubelet_volume_stats_available_bytes{${VOLUME}}`]: '39-0.05x400 80x600',
    },
    quiet: ['30m'],
    fires: { at: '200m', alerts: [{ labels: CLAIM, value: '29%' }] },
    resolved: '402m',
  },
};
