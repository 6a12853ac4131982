import { type AlertCases, constantValues } from '../support/rule-cases';

const nodes = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(values).flatMap(([node, ready]) => [
      [`kube_node_status_condition{cluster="c", node="${node}", condition="Ready", status="true"}`, ready],
      ...(node === 'cloud'
        ? []
        : [[`kube_node_role{cluster="c", node="${node}", role="edge"}`, constantValues(1)]]),
    ]),
  );

export const kubeEdgeCases: AlertCases = {
  KubeEdgeCloudCoreDown: {
    series: {
      'kube_deployment_status_replicas_available{cluster="c", namespace="kubeedge", deployment="cloudcore"}':
        '1x9 0x30 1x500',
      'kube_deployment_status_replicas_available{cluster="c", namespace="shop", deployment="web"}':
        constantValues(0),
    },
    quiet: ['9m', '12m'],
    fires: {
      at: '20m',
      alerts: [{ labels: { cluster: 'c', namespace: 'kubeedge', deployment: 'cloudcore' } }],
    },
    resolved: '42m',
  },
  KubeEdgeNodesDisconnecting: {
    series: nodes({
      a: '1x9 0x30 1x500',
      b: '1x19 0x20 1x500',
      d: constantValues(1),
      e: constantValues(1),
      cloud: '1x9 0x500',
    }),
    quiet: ['9m', '12m'],
    fires: { at: '30m', alerts: [{ labels: { cluster: 'c' }, value: '50%' }] },
    resolved: '42m',
  },
};
