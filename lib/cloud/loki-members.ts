import type { Construct } from 'constructs';
import type { CloudWorkload } from '../core/cloud-workload';
import { k8s } from '../core/k8s';
import { portOf } from '../core/network-access';
import { apiObject } from '../core/objects';
import { GOSSIP_PORT, LOKI_PORTS, membersOf } from './loki-config';
import type { S3Storage } from './loki-deployment';

/** Lets the replicas of a Loki find each other by gossip, ask each other, and reach the bucket that they share. */
export function connectMembers(scope: Construct, workload: CloudWorkload, { endpoint }: S3Storage): void {
  const { network } = workload;
  const ports = [GOSSIP_PORT, LOKI_PORTS.grpc];
  network.admit(network.peer, ...ports);
  network.reach(network.peer, ...ports);
  network.reach({ anywhere: true }, endpoint ? portOf(endpoint) : 443);
  makeService(scope, workload);
}

function makeService(scope: Construct, { name, namespace, identity }: CloudWorkload): void {
  apiObject(
    scope,
    'Members',
    k8s.KubeService.manifest({
      metadata: { name: membersOf(name), namespace, labels: identity.labels },
      spec: {
        type: 'ClusterIP',
        clusterIp: 'None',
        // They have to find each other before they are ready.
        publishNotReadyAddresses: true,
        selector: identity.selector,
        ports: [
          {
            name: 'gossip',
            port: GOSSIP_PORT,
            protocol: 'TCP',
            targetPort: k8s.IntOrString.fromNumber(GOSSIP_PORT),
          },
        ],
      },
    }),
  );
}
