import { Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import type { BackendTrafficPolicySpec, SecurityPolicySpec } from '../../imports/gateway.envoyproxy.io';
import type {
  GatewaySpec,
  GatewaySpecListeners,
  HttpRouteSpec,
  HttpRouteSpecRules,
} from '../../imports/gateway.networking.k8s.io';
import { apiObject } from '../core/objects';
import {
  type IngressController,
  type IngressSite,
  issuerAnnotation,
  refuseStated,
  routes,
} from './ingress-controller';
import { clientsOf, type Installation } from './installation';

/** How Envoy Gateway was installed: class `eg`, proxies in `envoy-gateway-system`, unless told otherwise. */
export type EnvoyGatewayProps = Installation;

const GATEWAY_GROUP = 'gateway.networking.k8s.io';
const GATEWAY_API = `${GATEWAY_GROUP}/v1`;
const ENVOY_API = 'gateway.envoyproxy.io/v1alpha1';
const USER_HEADER = 'X-Auth-User';

/**
 * Envoy Gateway, by the Gateway API: a Gateway with the host's certificate, an HTTPRoute, and policies for
 * users, body size and timeout. Users come from a Secret with the key `.htpasswd`, which knows SHA-1 only.
 * Envoy has no realm.
 *
 * Checked against https://gateway.envoyproxy.io/v1.9/api/extension_types/.
 *
 * @throws InvalidOptionError when a name or an address range is not allowed.
 */
export function envoyGateway(props: EnvoyGatewayProps = {}): IngressController {
  return {
    clients: clientsOf('envoyGateway', { ...props, namespace: props.namespace ?? 'envoy-gateway-system' }),
    usersFormat: { key: '.htpasswd', hash: 'sha1' },
    userHeader: USER_HEADER,
    render: (scope, site) => renderSite(scope, site, props.className ?? 'eg'),
  };
}

function renderSite(scope: Construct, site: IngressSite, className: string): void {
  refuseStated(scope, site, 'envoyGateway', { realm: 'leave it out' });
  const { name, namespace, labels } = site;
  const metadata = { name, namespace, labels };
  const targetRefs = [{ group: GATEWAY_GROUP, kind: 'HTTPRoute', name }];
  apiObject(scope, 'Gateway', {
    apiVersion: GATEWAY_API,
    kind: 'Gateway',
    metadata: { ...metadata, annotations: issuerAnnotation(site.tls) },
    spec: { gatewayClassName: className, listeners: [listener(site)] } satisfies GatewaySpec,
  });
  apiObject(scope, 'Default', {
    apiVersion: GATEWAY_API,
    kind: 'HTTPRoute',
    metadata,
    spec: {
      parentRefs: [{ group: GATEWAY_GROUP, kind: 'Gateway', name }],
      hostnames: [site.host],
      rules: Lazy.any({ produce: () => rules(site) }),
    } satisfies HttpRouteSpec,
  });
  if (site.checksUsers) {
    apiObject(scope, 'Users', {
      apiVersion: ENVOY_API,
      kind: 'SecurityPolicy',
      metadata,
      spec: {
        targetRefs,
        basicAuth: { users: { name: site.usersSecretName }, forwardUsernameHeader: USER_HEADER },
      } satisfies SecurityPolicySpec,
    });
  }
  apiObject(scope, 'Limits', {
    apiVersion: ENVOY_API,
    kind: 'BackendTrafficPolicy',
    metadata,
    spec: {
      targetRefs,
      requestBuffer: { limit: site.maxBodySize },
      timeout: { http: { requestTimeout: `${site.timeoutSeconds}s` } },
    } satisfies BackendTrafficPolicySpec,
  });
}

function listener({ host, tlsSecretName }: IngressSite): GatewaySpecListeners {
  return {
    name: 'https',
    protocol: 'HTTPS',
    port: 443,
    hostname: host,
    tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: tlsSecretName }] },
    allowedRoutes: { namespaces: { from: 'Same' } },
  };
}

function rules(site: IngressSite): HttpRouteSpecRules[] {
  return routes(site).map(({ path, serviceName, port }) => ({
    matches: [{ path: { type: 'PathPrefix', value: path } }],
    // Defaults too: Argo CD compares lists of kinds that it does not know as a whole (argo-cd#22151).
    backendRefs: [{ group: '', kind: 'Service', name: serviceName, port, weight: 1 }],
  }));
}
