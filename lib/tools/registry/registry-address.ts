import type { RequestOptions } from './answers';

/** Where registries answer whose name in references is another. */
const HOSTS: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };

/** What Docker takes for this machine, too, and asks without TLS. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** The root of a registry's API. */
export function baseOf(registry: string, { plainHttp }: Pick<RequestOptions, 'plainHttp'>): URL {
  const isPlain = LOOPBACK.test(registry) || plainHttp.includes(registry);
  return new URL(`${isPlain ? 'http' : 'https'}://${HOSTS[registry] ?? registry}/v2/`);
}
