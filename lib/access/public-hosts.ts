import type { Construct } from 'constructs';
import { Platform } from '../core/platform';
import { optionError } from '../core/validation';

/**
 * For each app, the ingress of each public host. The keys of the inner map look like `north push.example.com` (cluster
 * and host).
 */
const ingressesByHost = new WeakMap<Construct, Map<string, Construct>>();

/**
 * Reserves a public host for one ingress. If two ingresses had the same host, the controller would choose the
 * users, limits and certificate of one of them.
 * @throws InvalidOptionError with the ingress that already serves the host.
 */
export function reserveHostForIngress(site: Construct, host: string): void {
  const root = site.node.root as Construct;
  const hosts = ingressesByHost.get(root) ?? new Map<string, Construct>();
  ingressesByHost.set(root, hosts);
  const key = `${Platform.of(site).cluster} ${host}`;
  const other = hosts.get(key);
  if (other) {
    throw optionError(
      site,
      `host is "${host}", but ${other.node.path} already serves this host: use one BasicAuthIngress for all backends of the host, or set a different host`,
    );
  }
  hosts.set(key, site);
}
