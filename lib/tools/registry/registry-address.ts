import type { RequestOptions } from './requests';

/**
 * Hosts of registry APIs, by the name of the registry in image references. Contains only registries for which the name
 * and the host differ.
 */
const HOSTS: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };

/** Hosts of this machine, which Docker accesses without TLS. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** Returns the base URL of the API of a registry, such as `https://registry-1.docker.io/v2/` for `docker.io`. */
export function registryApiUrl(registry: string, { plainHttp }: Pick<RequestOptions, 'plainHttp'>): URL {
  const isPlain = LOOPBACK.test(registry) || plainHttp.includes(registry);
  return new URL(`${isPlain ? 'http' : 'https'}://${HOSTS[registry] ?? registry}/v2/`);
}
