import { k8s } from 'cdk8s-plus-25';
import { type EdgeChart, images } from '../../lib';
import { COUNTING } from './stores';

/**
 * Program of a service: it pushes a number, and increases the number when the push was accepted. Each start of the
 * container has its own label `instance`.
 */
const PROGRAM = `
instance=$POD-$(date +%s)
number=1
while :; do
  login=
  [ -z "\${PUSHGATEWAY_CREDENTIALS_DIR:-}" ] ||
    login=$(cat "$PUSHGATEWAY_CREDENTIALS_DIR/username"):$(cat "$PUSHGATEWAY_CREDENTIALS_DIR/password")
  answer=$(echo "pushed_number $number" | curl -sS -m 20 -w ' %{http_code}' \${login:+-u "$login"} --data-binary @- \\
    "$PUSHGATEWAY_URL/metrics/job/$SERVICE/instance/$instance" 2>&1)
  case $answer in *' 200') number=$((number + 1)) ;; *) echo "$number: $answer" ;; esac
  sleep 2
done
`;

/** Services on each edge node, by name. The value says whether their pods use the network of the node. */
export const SERVICES = { 'own-network': false, 'host-network': true } as const;

const ON_EDGE_NODES: k8s.Affinity = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: 'node-role.kubernetes.io/edge', operator: 'Exists' }] },
      ],
    },
  },
};

/** Adds services to each edge node, which push numbers to the agent of their node. */
export function addServices(edge: EdgeChart): void {
  for (const [name, hostNetwork] of Object.entries(SERVICES)) {
    edge.agent?.connect(service(edge, name, hostNetwork));
  }
}

function service(edge: EdgeChart, name: string, hostNetwork: boolean): k8s.KubeDaemonSet {
  const labels = { app: name };
  return new k8s.KubeDaemonSet(edge, name, {
    metadata: { name, namespace: COUNTING },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          hostNetwork,
          affinity: ON_EDGE_NODES,
          tolerations: [{ operator: 'Exists' }],
          automountServiceAccountToken: false,
          securityContext: { runAsUser: 65_534 },
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'service',
              image: images.curl,
              command: ['/bin/sh', '-c', PROGRAM],
              env: [
                { name: 'SERVICE', value: name },
                { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
              ],
            },
          ],
        },
      },
    },
  });
}
