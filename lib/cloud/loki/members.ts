import type { CloudWorkload } from '../../core/cloud-workload';
import { portOf } from '../../core/network-access';
import { GOSSIP_PORT, LOKI_PORTS } from './config';
import type { S3Storage } from './deployment';

/** Lets the replicas of a Loki find each other by gossip, ask each other, and reach the bucket that they share. */
export function connectMembers({ network }: CloudWorkload, { endpoint }: S3Storage): void {
  const ports = [GOSSIP_PORT, LOKI_PORTS.grpc];
  network.admit(network.peer, ...ports);
  network.reach(network.peer, ...ports);
  network.reach({ anywhere: true }, endpoint ? portOf(endpoint) : 443);
}
