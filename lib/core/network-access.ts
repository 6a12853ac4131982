import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import type { NetworkPeer, NetworkServer } from '../contracts/network';
import { k8s } from './k8s';
import type { Identity } from './labels';
import { apiObject } from './objects';
import { Platform } from './platform';

/** One direction of a policy: who, on which ports. */
interface Rule {
  readonly peers: readonly NetworkPeer[];
  readonly ports: readonly (number | `${number}/UDP`)[];
}

/** Ranges of the node-local cache of DNS, as Kubernetes recommends them ("Using NodeLocal DNSCache"): link-local, or unique local. */
const DNS_CACHE = { ipv4: '169.254.0.0/16', ipv6: 'fd00::/8' };

/** Where cluster DNS answers: its pods, or the node-local cache. */
const dns = (hasIpv6: boolean): Rule => ({
  peers: [{ namespace: 'kube-system' }, { cidrs: [DNS_CACHE.ipv4, ...(hasIpv6 ? [DNS_CACHE.ipv6] : [])] }],
  ports: [53, '53/UDP'],
});

/** Properties for `NetworkAccess`. */
export interface NetworkAccessProps {
  readonly namespace: string;
  readonly identity: Identity;
  /** The pods that the policy is for. @default - the pods of the identity */
  readonly podLabels?: Readonly<Record<string, string>>;
}

/**
 * The NetworkPolicy of one component: nothing in and nothing out but what the data flow opens
 * through `admit` and `reach`. Asking for DNS comes with the first peer that is reached.
 */
export class NetworkAccess extends Construct {
  /** The component's pods, as the other side of a connection names them. */
  readonly peer: NetworkPeer;
  private readonly incoming: Rule[] = [];
  private readonly outgoing: Rule[] = [];

  constructor(scope: Construct, id: string, { namespace, identity, podLabels }: NetworkAccessProps) {
    super(scope, id);
    const selector = podLabels ?? identity.selector;
    this.peer = { namespace, podLabels: selector };
    apiObject(this, 'Default', {
      ...k8s.KubeNetworkPolicy.GVK,
      metadata: { name: identity.name, namespace, labels: identity.labels },
      spec: {
        podSelector: { matchLabels: selector },
        policyTypes: ['Ingress', 'Egress'],
        ingress: Lazy.any({ produce: () => this.rendered(this.incoming, 'from') }),
        egress: Lazy.any({ produce: () => this.rendered(this.outgoing, 'to') }),
      },
    });
  }

  /** Lets a client connect to a port. */
  admit(client: NetworkPeer, ...ports: Rule['ports']): void {
    this.incoming.push({ peers: [client], ports });
  }

  /** Lets the component connect to a server, and the server be reached by it. */
  connect(server: NetworkServer): void {
    server.admit(this.peer);
    this.reach(server.peer, server.port);
  }

  /** Lets the component connect to a peer that has no policy of its own here. */
  reach(peer: NetworkPeer, ...ports: Rule['ports']): void {
    if (this.outgoing.length === 0) this.outgoing.push(dns(Platform.of(this).hasIpv6));
    this.outgoing.push({ peers: [peer], ports });
  }

  /**
   * Rules in Kubernetes' form, each once and in an order that does not depend on who was connected first;
   * nothing where there are none, as the API server would store it.
   */
  private rendered(all: readonly Rule[], side: 'from' | 'to'): object[] | undefined {
    const rules = all.filter(opensSomething);
    if (rules.length === 0) return undefined;
    const { hasIpv6 } = Platform.of(this);
    const texts = rules.map(({ peers, ports }) =>
      JSON.stringify({
        [side]: peers.flatMap((peer) => policyPeers(peer, hasIpv6)),
        ports: ports.map(policyPort),
      }),
    );
    return [...new Set(texts)].sort().map((text) => JSON.parse(text));
  }
}

/** Kubernetes takes an empty list of peers for everybody, and of ports for all: here it is nobody, and none. */
const opensSomething = ({ peers, ports }: Rule): boolean =>
  ports.length > 0 && peers.some((peer) => !('cidrs' in peer) || peer.cidrs.length > 0);

const blocks = (cidrs: readonly string[]): object[] => cidrs.map((cidr) => ({ ipBlock: { cidr } }));

function policyPeers(peer: NetworkPeer, hasIpv6: boolean): object[] {
  if ('cidrs' in peer) return blocks(peer.cidrs);
  if ('anywhere' in peer) return blocks(['0.0.0.0/0', ...(hasIpv6 ? ['::/0'] : [])]);
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': peer.namespace } };
  return [
    peer.podLabels
      ? { namespaceSelector, podSelector: { matchLabels: peer.podLabels } }
      : { namespaceSelector },
  ];
}

function policyPort(port: number | `${number}/UDP`): object {
  return typeof port === 'number'
    ? { protocol: 'TCP', port }
    : { protocol: 'UDP', port: Number.parseInt(port, 10) };
}

/** The port that a client of this address connects to. */
export function portOf(address: string): number {
  const { port, protocol } = new URL(address);
  return Number(port || (protocol === 'http:' ? 80 : 443));
}
