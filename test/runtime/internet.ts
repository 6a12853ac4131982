import type { Cleanup } from './cleanup';
import { connect, NetNamespace } from './net-namespace';

const ETHERNET_HEADER = 14;

/** Bytes of IP packets that passed through the uplink of a node. */
export interface Traffic {
  readonly sent: number;
  readonly received: number;
}

/**
 * The network between the nodes: a router in its own network namespace with a link to each node, so that the machine's
 * own network stays unchanged. Node N has the address 10.77.N.1, and its pods have the other addresses of 10.77.N.0/24.
 */
export class Internet {
  /** Address at which nothing listens, so that connections are refused immediately. */
  readonly address = '10.77.0.1';
  readonly router: NetNamespace;
  private nodes = 0;

  constructor(
    private readonly prefix: string,
    private readonly cleanup: Cleanup,
  ) {
    this.router = NetNamespace.create(`${prefix}internet`, cleanup);
    this.router.forward();
  }

  /** Creates the network namespace of a new node, and connects it to the router. */
  connect(node: string, mtu = 1500): Uplink {
    const namespace = NetNamespace.create(`${this.prefix}${node}`, this.cleanup);
    const uplink = new Uplink(this.router, namespace, `10.77.${++this.nodes}`);
    uplink.plugIn(this.address, mtu);
    return uplink;
  }
}

/** The link between a node and the router. */
export class Uplink {
  readonly address: string;
  private readonly port: string;

  constructor(
    private readonly router: NetNamespace,
    readonly namespace: NetNamespace,
    /** The first three numbers of the node's and its pods' addresses. */
    /** First three parts of the addresses of the node and its pods, such as `10.77.1`. */
    readonly subnet: string,
  ) {
    this.address = `${subnet}.1`;
    this.port = `to-${subnet}`;
  }

  plugIn(gateway: string, mtu: number): void {
    const { router, namespace, port } = this;
    connect({ namespace, device: 'eth0' }, { namespace: router, device: port }, mtu);
    namespace.ip('address', 'add', `${this.address}/32`, 'dev', 'eth0');
    namespace.ip('route', 'add', 'default', 'via', gateway, 'dev', 'eth0', 'onlink');
    router.ip('address', 'add', `${gateway}/32`, 'dev', port);
    router.ip('route', 'add', `${this.subnet}.0/24`, 'via', this.address, 'dev', port, 'onlink');
  }

  /** Drops all packets in both directions. The packets are dropped in the router, so the node still has a link. */
  cut(): void {
    this.filter('--insert');
  }

  /** Rejects packets of the node to all addresses except this one, such as the address of a proxy. */
  allowOnly(address: string): void {
    const packets = ['FORWARD', '--in-interface', this.port, '!', '--destination', address];
    this.router.run('iptables', '--insert', ...packets, '--jump', 'REJECT');
  }

  /** Ends a cut. */
  restore(): void {
    this.filter('--delete');
  }

  /** Limits the rate in each direction. @param rate such as `200kbit`; without a rate, the limit is removed */
  limit(rate?: string): void {
    const ends = [
      { namespace: this.namespace, device: 'eth0' },
      { namespace: this.router, device: this.port },
    ];
    for (const { namespace, device } of ends) {
      const limit = rate
        ? ['replace', 'dev', device, 'root', 'tbf', 'rate', rate]
        : ['delete', 'dev', device, 'root'];
      namespace.run('tc', 'qdisc', ...limit, ...(rate ? ['burst', '16kb', 'latency', '400ms'] : []));
    }
  }

  /** Returns the bytes of all IP packets since the node was created, as a mobile contract would count them. */
  traffic(): Traffic {
    const [link] = JSON.parse(this.namespace.ip('-json', '-statistics', 'link', 'show', 'dev', 'eth0'));
    const { tx, rx } = link.stats64;
    return { sent: ipBytes(tx), received: ipBytes(rx) };
  }

  private filter(action: string): void {
    for (const direction of ['--in-interface', '--out-interface']) {
      this.router.run('iptables', action, 'FORWARD', direction, this.port, '--jump', 'DROP');
    }
  }
}

function ipBytes({ bytes, packets }: { bytes: number; packets: number }): number {
  return bytes - ETHERNET_HEADER * packets;
}
