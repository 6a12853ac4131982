import type { LogAgent } from '../../agents/log-agent';
import type { k8s } from '../../core/k8s';
import { listRuleWithSingleError, objectName, patternRule } from '../../core/option-rules';
import { type OptionTable, optionsRule, withFixedDefaults } from '../../core/option-table';
import type { ContainerSpec } from '../../core/pods';
import { proxyAddress } from '../../core/proxy-address';
import script from './check-proxy.sh';

/** An HTTP proxy through which edge devices connect to the cloud, by the HTTP method CONNECT. */
export interface HttpProxy {
  /** URL without credentials, such as `http://proxy.example.com:3128`. */
  readonly address: string;
  /**
   * Name of the Secret in the edge namespace that contains the proxy's user and password, as the keys `username` and
   * `password`.
   * @default - the proxy requires no authentication
   */
  readonly credentialsSecretName?: string;
  /**
   * Host names and IP addresses to which the devices connect without the proxy. The node itself is always included.
   * @default - only the node itself
   */
  readonly noProxy?: readonly string[];
}

/** Addresses of the node itself. Connections to them never use the proxy. */
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

const direct = patternRule(
  /^(?!-)[A-Za-z0-9.:-]+$/,
  'a host name or an IP address, such as "registry.example.com", without a port and without "*"',
);

/** Validation rules and defaults of `HttpProxy`. */
export const HTTP_PROXY = {
  address: { rule: proxyAddress },
  credentialsSecretName: { rule: objectName, default: undefined },
  noProxy: { rule: listRuleWithSingleError(direct), default: [] },
} satisfies OptionTable<HttpProxy>;

/** Validation rule for an option of type `HttpProxy`. */
export const httpProxy = optionsRule<HttpProxy>(HTTP_PROXY);

/**
 * Returns the environment variables that configure the proxy in a container. The kubelet inserts user and password from
 * the Secret, so the manifests do not contain the password. Returns an empty list without a proxy.
 * @param variable environment variable from which the program reads the proxy's URL
 */
export function proxyEnvVariables(
  proxy: HttpProxy | false | undefined,
  variable: LogAgent['proxyVariable'] = 'HTTPS_PROXY',
): k8s.EnvVar[] {
  if (!proxy) return [];
  const { credentialsSecretName: secret, noProxy } = withFixedDefaults(HTTP_PROXY, proxy);
  const userInfo = secret ? 'http://$(PROXY_USERNAME):$(PROXY_PASSWORD)@' : 'http://';
  return [
    ...proxyCredentialsEnvVariables(proxy),
    { name: variable, value: proxy.address.replace('http://', userInfo) },
    { name: 'NO_PROXY', value: [...LOOPBACK, ...noProxy].join(',') },
  ];
}

/** Returns the container with the proxy's environment variables added, or unchanged if there is no proxy. */
export const addProxyEnvToContainer = <T extends Pick<k8s.Container, 'env'>>(
  proxy: HttpProxy | false | undefined,
  container: T,
  variable?: LogAgent['proxyVariable'],
): T =>
  proxy
    ? { ...container, env: [...(container.env ?? []), ...proxyEnvVariables(proxy, variable)] }
    : container;

/**
 * Returns the init container `check-proxy`, which fails if the proxy's user or password contains characters that a URL
 * must encode. Returns an empty list without a proxy, or if the proxy requires no authentication.
 */
export function initContainersThatCheckProxyCredentials(
  proxy: HttpProxy | false | undefined,
  image: string,
): ContainerSpec[] {
  if (!proxy) return [];
  const { credentialsSecretName: secret } = proxy;
  if (!secret) return [];
  return [
    {
      name: 'check-proxy',
      image,
      command: ['/bin/sh', '-c', script],
      env: [{ name: 'PROXY_SECRET', value: secret }, ...proxyCredentialsEnvVariables(proxy)],
      resources: { cpu: '5m', memory: '8Mi', memoryLimit: '24Mi' },
    },
  ];
}

function proxyCredentialsEnvVariables({ credentialsSecretName: name }: HttpProxy): k8s.EnvVar[] {
  if (!name) return [];
  return ['username', 'password'].map((key) => ({
    name: `PROXY_${key.toUpperCase()}`,
    valueFrom: { secretKeyRef: { name, key } },
  }));
}
