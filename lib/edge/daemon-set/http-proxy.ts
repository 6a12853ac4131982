import type { LogAgent } from '../../agents/log-agent';
import type { k8s } from '../../core/k8s';
import { listOf, matches, objectName } from '../../core/option-rules';
import { type OptionTable, optionsRule, withDefaults } from '../../core/option-table';
import type { ContainerSpec } from '../../core/pods';
import { proxyAddress } from '../../core/proxy-address';
import script from './check-proxy.sh';

/** An HTTP proxy through which edge devices reach the cloud with CONNECT. */
export interface HttpProxy {
  /** URL without credentials, such as `http://proxy.example.com:3128`. */
  readonly address: string;
  /**
   * Secret with the keys `username` and `password` of the proxy, in the edge namespace.
   * @default - the proxy requires no authentication
   */
  readonly credentialsSecretName?: string;
  /** Host names and IP addresses to connect to directly, in addition to the node itself. @default - none */
  readonly noProxy?: readonly string[];
}

/** Addresses of the node itself, which bypass the proxy. */
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

const direct = matches(
  /^(?!-)[A-Za-z0-9.:-]+$/,
  'a host name or an IP address, without port and "*", such as "registry.example.com"',
);

/** The options of a proxy. */
export const HTTP_PROXY = {
  address: { rule: proxyAddress },
  credentialsSecretName: { rule: objectName, default: undefined },
  noProxy: { rule: listOf(direct), default: [] },
} satisfies OptionTable<HttpProxy>;

/** Rule for an option that describes a proxy. */
export const httpProxy = optionsRule<HttpProxy>(HTTP_PROXY);

/**
 * Returns the environment variables by which a program uses the proxy. The kubelet inserts user and password
 * from the Secret, so they are not part of the manifests.
 */
export function proxyEnv(
  proxy: HttpProxy | false | undefined,
  variable: LogAgent['proxyVariable'] = 'HTTPS_PROXY',
): k8s.EnvVar[] {
  if (!proxy) return [];
  const { credentialsSecretName: secret, noProxy } = withDefaults(HTTP_PROXY, proxy);
  const userInfo = secret ? 'http://$(PROXY_USERNAME):$(PROXY_PASSWORD)@' : 'http://';
  return [
    ...credentialsEnv(proxy),
    { name: variable, value: proxy.address.replace('http://', userInfo) },
    { name: 'NO_PROXY', value: [...LOOPBACK, ...noProxy].join(',') },
  ];
}

/** Adds the proxy's environment variables to a container. */
export const withProxyEnv = <T extends Pick<k8s.Container, 'env'>>(
  proxy: HttpProxy | false | undefined,
  container: T,
  variable?: LogAgent['proxyVariable'],
): T => (proxy ? { ...container, env: [...(container.env ?? []), ...proxyEnv(proxy, variable)] } : container);

/**
 * Returns the init container that fails while the proxy's user or password contains characters that a URL
 * cannot hold.
 */
export function proxyCheckContainer(proxy: HttpProxy | false | undefined, image: string): ContainerSpec[] {
  if (!proxy) return [];
  const { credentialsSecretName: secret } = proxy;
  if (!secret) return [];
  return [
    {
      name: 'check-proxy',
      image,
      command: ['/bin/sh', '-c', script],
      env: [{ name: 'PROXY_SECRET', value: secret }, ...credentialsEnv(proxy)],
      resources: { cpu: '5m', memory: '8Mi', memoryLimit: '24Mi' },
    },
  ];
}

function credentialsEnv({ credentialsSecretName: name }: HttpProxy): k8s.EnvVar[] {
  if (!name) return [];
  return ['username', 'password'].map((key) => ({
    name: `PROXY_${key.toUpperCase()}`,
    valueFrom: { secretKeyRef: { name, key } },
  }));
}
