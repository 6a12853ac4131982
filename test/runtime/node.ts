import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cleanup } from './cleanup';
import type { Internet, Uplink } from './internet';
import { connect, NetNamespace } from './net-namespace';
import { run } from './programs';

/** Properties for `Node`. */
export interface NodeProps {
  readonly name: string;
  /** Labels of the node in addition to the host name and the operating system. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** MTU of the uplink of the node and of the interfaces of its pods. @default 1500 */
  readonly mtu?: number;
}

/** Network namespace and address of a pod or node. */
export interface Attachment {
  readonly namespace: NetNamespace;
  readonly address: string;
}

/** Paths of this machine that a node shows as its own. */
const SHARED_PATHS = ['/', '/proc'];

/** A simulated node. It has a network namespace with an uplink, a bridge for its pods, and its own folder. */
export class Node implements Attachment {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly uplink: Uplink;
  private readonly mtu: number;
  /** Last part of each pod's address, by the name of the pod. */
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
    this.createBridge();
    this.mountSys();
  }

  get address(): string {
    return this.uplink.address;
  }

  get namespace(): NetNamespace {
    return this.uplink.namespace;
  }

  /**
   * Returns the path on this machine for a path on the node. `/` and `/proc` are the folders of this machine, `/sys`
   * shows the node's network devices, and all other paths belong to the node only.
   */
  path(path: string): string {
    return SHARED_PATHS.includes(path) ? path : join(this.folder, path);
  }

  /** Returns the address that a pod has, or will have. @param pod namespace and name */
  addressOf(pod: string): string {
    // The node itself has the last part 1.
    const number = this.numbers.get(pod) ?? this.numbers.size + 2;
    this.numbers.set(pod, number);
    return `${this.uplink.subnet}.${number}`;
  }

  /** Creates the network namespace of a pod, and connects it to the node's bridge. */
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

  private createBridge(): void {
    this.namespace.ip('link', 'add', 'pods', 'mtu', `${this.mtu}`, 'type', 'bridge');
    this.namespace.ip('address', 'add', `${this.gateway}/24`, 'dev', 'pods');
    this.namespace.ip('link', 'set', 'pods', 'up');
    this.namespace.forward();
  }

  /** Mounts /sys of the node. A sysfs shows the network devices of the network namespace in which it was mounted. */
  private mountSys(): void {
    const sys = this.path('/sys');
    mkdirSync(sys, { recursive: true });
    this.namespace.run('mount', '-t', 'sysfs', 'sysfs', sys);
    this.cleanup.add(() => run('umount', sys));
  }
}
