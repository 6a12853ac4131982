import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import type { NetworkPeer, NetworkServer } from '../contracts/network';
import { k8s } from './k8s';
import type { Identity } from './labels';
import { createApiObject } from './objects';
import { Platform } from './platform';

/** One rule of a NetworkPolicy: peers and ports. */
interface TrafficRule {
  readonly peers: readonly NetworkPeer[];
  readonly ports: readonly (number | `${number}/UDP`)[];
}

/**
 * Address ranges of the node-local DNS cache: link-local addresses (IPv4) and unique local addresses (IPv6). The
 * Kubernetes page "Using NodeLocal DNSCache" recommends these ranges.
 */
const DNS_CACHE = { ipv4: '169.254.0.0/16', ipv6: 'fd00::/8' };

/** Returns the egress rule for DNS: the pods of the cluster DNS, and the node-local cache. */
const dnsEgressRule = (hasIpv6: boolean): TrafficRule => ({
  peers: [{ namespace: 'kube-system' }, { cidrs: [DNS_CACHE.ipv4, ...(hasIpv6 ? [DNS_CACHE.ipv6] : [])] }],
  ports: [53, '53/UDP'],
});

/** Properties for `NetworkAccess`. */
export interface NetworkAccessProps {
  readonly namespace: string;
  readonly identity: Identity;
  /** Labels of the pods that the policy selects. @default - the labels in `identity.selector` */
  readonly podLabels?: Readonly<Record<string, string>>;
}

/**
 * The NetworkPolicy of a component. The policy denies all traffic, except for connections that are added with
 * `allowIngressFrom`, `allowConnectionTo` and `allowEgressTo`. The first egress rule also adds a rule that allows DNS.
 */
export class NetworkAccess extends Construct {
  /** The pods of the component, as the NetworkPolicies of other components select them. */
  readonly peer: NetworkPeer;
  private readonly incoming: TrafficRule[] = [];
  private readonly outgoing: TrafficRule[] = [];

  constructor(scope: Construct, id: string, { namespace, identity, podLabels }: NetworkAccessProps) {
    super(scope, id);
    const selector = podLabels ?? identity.selector;
    this.peer = { namespace, podLabels: selector };
    createApiObject(this, 'Default', {
      ...k8s.KubeNetworkPolicy.GVK,
      metadata: { name: identity.name, namespace, labels: identity.labels },
      spec: {
        podSelector: { matchLabels: selector },
        policyTypes: ['Ingress', 'Egress'],
        ingress: Lazy.any({ produce: () => this.createNetworkPolicyRules(this.incoming, 'from') }),
        egress: Lazy.any({ produce: () => this.createNetworkPolicyRules(this.outgoing, 'to') }),
      },
    });
  }

  /** Allows a client to connect to ports of the component. */
  allowIngressFrom(client: NetworkPeer, ...ports: TrafficRule['ports']): void {
    this.incoming.push({ peers: [client], ports });
  }

  /**
   * Allows the component to connect to a server. Adds an egress rule to this policy, and an ingress rule to the
   * server's policy.
   */
  allowConnectionTo(server: NetworkServer): void {
    server.admit(this.peer);
    this.allowEgressTo(server.peer, server.port);
  }

  /** Allows the component to connect to a peer that is not part of this stack. Only adds an egress rule. */
  allowEgressTo(peer: NetworkPeer, ...ports: TrafficRule['ports']): void {
    if (this.outgoing.length === 0) this.outgoing.push(dnsEgressRule(Platform.of(this).hasIpv6));
    this.outgoing.push({ peers: [peer], ports });
  }

  /**
   * Returns the rules in the format of a NetworkPolicy, sorted and without duplicates, so that the order of calls
   * has no effect. Returns `undefined` if there are no rules: an empty list would appear in each diff, because the API
   * server removes it.
   */
  private createNetworkPolicyRules(all: readonly TrafficRule[], side: 'from' | 'to'): object[] | undefined {
    const rules = all.filter(hasPeersAndPorts);
    if (rules.length === 0) return undefined;
    const { hasIpv6 } = Platform.of(this);
    const texts = rules.map(({ peers, ports }) =>
      JSON.stringify({
        [side]: peers.flatMap((peer) => networkPolicyPeers(peer, hasIpv6)),
        ports: ports.map(networkPolicyPort),
      }),
    );
    return [...new Set(texts)].sort().map((text) => JSON.parse(text));
  }
}

/**
 * Returns whether a rule has peers and ports. Rules without peers or without ports are omitted, because Kubernetes
 * interprets an empty list as "all".
 */
const hasPeersAndPorts = ({ peers, ports }: TrafficRule): boolean =>
  ports.length > 0 && peers.some((peer) => !('cidrs' in peer) || peer.cidrs.length > 0);

const ipBlocks = (cidrs: readonly string[]): object[] => cidrs.map((cidr) => ({ ipBlock: { cidr } }));

function networkPolicyPeers(peer: NetworkPeer, hasIpv6: boolean): object[] {
  if ('cidrs' in peer) return ipBlocks(peer.cidrs);
  if ('anywhere' in peer) return ipBlocks(['0.0.0.0/0', ...(hasIpv6 ? ['::/0'] : [])]);
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': peer.namespace } };
  return [
    peer.podLabels
      ? { namespaceSelector, podSelector: { matchLabels: peer.podLabels } }
      : { namespaceSelector },
  ];
}

function networkPolicyPort(port: number | `${number}/UDP`): object {
  return typeof port === 'number'
    ? { protocol: 'TCP', port }
    : { protocol: 'UDP', port: Number.parseInt(port, 10) };
}

/** Returns the port of a URL, or the default port of its scheme. */
export function portOfUrl(address: string): number {
  const { port, protocol } = new URL(address);
  return Number(port || (protocol === 'http:' ? 80 : 443));
}
