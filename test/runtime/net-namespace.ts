import type { Cleanup } from './cleanup';
import { program, run } from './programs';

/** A network namespace of this machine. */
export class NetNamespace {
  /** Creates a network namespace, which the cleanup removes. */
  static create(name: string, cleanup: Cleanup): NetNamespace {
    run('ip', 'netns', 'add', name);
    cleanup.add(() => run('ip', 'netns', 'delete', name));
    const namespace = new NetNamespace(name);
    namespace.ip('link', 'set', 'lo', 'up');
    return namespace;
  }

  /** Removes network namespaces that killed runs left behind. */
  static sweep(isStale: (name: string) => boolean): void {
    for (const line of run('ip', 'netns', 'list').split('\n')) {
      const [name = ''] = line.split(' ');
      if (isStale(name)) run('ip', 'netns', 'delete', name);
    }
  }

  private constructor(readonly name: string) {}

  /** Arguments with which nsenter runs a program in this namespace. */
  get entry(): string[] {
    return [`--net=/run/netns/${this.name}`, '--'];
  }

  /** Runs a program in this namespace, and returns its output. */
  run(name: string, ...args: string[]): string {
    return run('nsenter', ...this.entry, program(name), ...args);
  }

  /** Runs `ip` in this namespace, and returns its output. */
  ip(...args: string[]): string {
    return run('ip', '-netns', this.name, ...args);
  }

  /** Enables IP forwarding, so that the namespace works as a router. */
  forward(): void {
    this.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  }
}

/** One end of a link between two network namespaces. */
export interface Plug {
  readonly namespace: NetNamespace;
  readonly device: string;
}

/**
 * Connects two network namespaces. Segmentation offload is off, so that counters show packets as they would be on a
 * wire.
 */
export function connect(one: Plug, other: Plug, mtu: number): void {
  const peer = ['peer', 'name', other.device, 'netns', other.namespace.name];
  one.namespace.ip('link', 'add', one.device, 'mtu', `${mtu}`, 'type', 'veth', ...peer);
  other.namespace.ip('link', 'set', other.device, 'mtu', `${mtu}`);
  for (const { namespace, device } of [one, other]) {
    namespace.run('ethtool', '-K', device, 'tso', 'off', 'gso', 'off', 'gro', 'off');
    namespace.ip('link', 'set', device, 'up');
  }
}
