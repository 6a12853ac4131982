import type { CloudWorkload } from '../../core/cloud-workload';
import { portOfUrl } from '../../core/network-access';
import type { S3Storage } from './deployment';
import { GOSSIP_PORT, LOKI_PORTS } from './layout';

/**
 * Opens the network policy of a replicated Loki for gossip and gRPC between replicas, and for connections to the server
 * of the bucket.
 */
export function allowTrafficBetweenReplicasAndToBucket(
  { network }: CloudWorkload,
  { endpoint }: S3Storage,
): void {
  const ports = [GOSSIP_PORT, LOKI_PORTS.grpc];
  network.allowIngressFrom(network.peer, ...ports);
  network.allowEgressTo(network.peer, ...ports);
  network.allowEgressTo({ anywhere: true }, endpoint ? portOfUrl(endpoint) : 443);
}
