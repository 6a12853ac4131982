import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cleanup } from './cleanup';
import type { Internet, Uplink } from './internet';
import { connect, NetNamespace } from './net-namespace';
import { run } from './programs';

/** Properties of a simulated node. */
export interface NodeProps {
  readonly name: string;
  /** @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** MTU of its uplink and its pods. @default 1500 */
  readonly mtu?: number;
}

/** Network interface of a pod. */
export interface Attachment {
  readonly namespace: NetNamespace;
  readonly address: string;
}

/** The machine's own files that a node shows as its own. */
const SHARED_PATHS = ['/', '/proc'];

/** A simulated node: a network namespace with an uplink, a bridge for its pods, and folders of its own. */
export class Node implements Attachment {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly uplink: Uplink;
  private readonly mtu: number;
  /** The last numbers of pods' addresses, by the pods' names. */
  private readonly numbers = new Map<string, number>();

  constructor(
    internet: Internet,
    props: NodeProps,
    private readonly folder: string,
    private readonly cleanup: Cleanup,
  ) {
    this.name = props.name;
    this.labels = { 'kubernetes.io/hostname': props.name, 'kubernetes.io/os': 'linux', ...props.labels };
    this.mtu = props.mtu ?? 1500;
    this.uplink = internet.connect(props.name, this.mtu);
    this.makeBridge();
    this.mountSys();
  }

  get address(): string {
    return this.uplink.address;
  }

  get namespace(): NetNamespace {
    return this.uplink.namespace;
  }

  /**
   * Returns the path on this machine for a path of the node. `/` and `/proc` are those of the machine, `/sys` shows the
   * node's network devices, and everything else belongs to the node only.
   */
  path(path: string): string {
    return SHARED_PATHS.includes(path) ? path : join(this.folder, path);
  }

  /** The address that a pod of that name has, or will have. */
  addressOf(pod: string): string {
    // The first number is the node's own.
    const number = this.numbers.get(pod) ?? this.numbers.size + 2;
    this.numbers.set(pod, number);
    return `${this.uplink.subnet}.${number}`;
  }

  /** A namespace on the node's bridge, for a pod. */
  connectPod(pod: string, id: string): Attachment {
    const namespace = NetNamespace.create(id, this.cleanup);
    const address = this.addressOf(pod);
    const device = `veth${address.split('.').pop()}`;
    connect({ namespace, device: 'eth0' }, { namespace: this.namespace, device }, this.mtu);
    this.namespace.ip('link', 'set', device, 'master', 'pods');
    namespace.ip('address', 'add', `${address}/24`, 'dev', 'eth0');
    namespace.ip('route', 'add', 'default', 'via', this.gateway);
    return { namespace, address };
  }

  private get gateway(): string {
    return `${this.uplink.subnet}.254`;
  }

  private makeBridge(): void {
    this.namespace.ip('link', 'add', 'pods', 'mtu', `${this.mtu}`, 'type', 'bridge');
    this.namespace.ip('address', 'add', `${this.gateway}/24`, 'dev', 'pods');
    this.namespace.ip('link', 'set', 'pods', 'up');
    this.namespace.forward();
  }

  /** A sysfs shows the network devices of the namespace that it was mounted in. */
  private mountSys(): void {
    const sys = this.path('/sys');
    mkdirSync(sys, { recursive: true });
    this.namespace.run('mount', '-t', 'sysfs', 'sysfs', sys);
    this.cleanup.add(() => run('umount', sys));
  }
}
