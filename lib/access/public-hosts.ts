import type { Construct } from 'constructs';
import { Platform } from '../core/platform';
import { invalid } from '../core/validation';

/** By app, who serves which public name of a cluster. */
const taken = new WeakMap<Construct, Map<string, Construct>>();

/**
 * Takes a public name for a site. On two of them, users, limits and certificates of one would be those of the other, or
 * of neither: what that means differs from controller to controller.
 *
 * @throws InvalidOptionError that names the site that has it already.
 */
export function takeHost(site: Construct, host: string): void {
  const root = site.node.root as Construct;
  const hosts = taken.get(root) ?? new Map<string, Construct>();
  taken.set(root, hosts);
  const key = `${Platform.of(site).cluster} ${host}`;
  const other = hosts.get(key);
  if (other) {
    throw invalid(
      site,
      `host is ${host}, which ${other.node.path} serves already: expose all backends of a host through one BasicAuthIngress, or give each a host of its own`,
    );
  }
  hosts.set(key, site);
}
