import type { CloudWorkload } from '../../core/cloud-workload';
import { portOfUrl } from '../../core/network-access';
import { GOSSIP_PORT, LOKI_PORTS } from './config';
import type { S3Storage } from './deployment';

/** Opens the network policies for a replicated Loki: gossip, queries between replicas, and the bucket. */
export function connectMembers({ network }: CloudWorkload, { endpoint }: S3Storage): void {
  const ports = [GOSSIP_PORT, LOKI_PORTS.grpc];
  network.admit(network.peer, ...ports);
  network.reach(network.peer, ...ports);
  network.reach({ anywhere: true }, endpoint ? portOfUrl(endpoint) : 443);
}
