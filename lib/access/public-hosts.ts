import type { Construct } from 'constructs';
import { Platform } from '../core/platform';
import { invalid } from '../core/validation';

/** The ingress of each public host of a cluster, by app. */
const taken = new WeakMap<Construct, Map<string, Construct>>();

/**
 * Reserves a public host for an ingress. If two ingresses had the same host, it would depend on the
 * controller whose users, limits and certificate apply.
 * @throws InvalidOptionError that names the ingress which already has the host.
 */
export function reserveHost(site: Construct, host: string): void {
  const root = site.node.root as Construct;
  const hosts = taken.get(root) ?? new Map<string, Construct>();
  taken.set(root, hosts);
  const key = `${Platform.of(site).cluster} ${host}`;
  const other = hosts.get(key);
  if (other) {
    throw invalid(
      site,
      `host is ${host}, which ${other.node.path} already serves: use one BasicAuthIngress for all backends of a host, or different hosts`,
    );
  }
  hosts.set(key, site);
}
