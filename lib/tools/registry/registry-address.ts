import type { RequestOptions } from './requests';

/** API hosts of registries whose name in references differs. */
const HOSTS: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };

/** Hosts that Docker accesses without TLS, since they are this machine. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** Returns the base URL of a registry's API. */
export function registryUrl(registry: string, { plainHttp }: Pick<RequestOptions, 'plainHttp'>): URL {
  const isPlain = LOOPBACK.test(registry) || plainHttp.includes(registry);
  return new URL(`${isPlain ? 'http' : 'https'}://${HOSTS[registry] ?? registry}/v2/`);
}
