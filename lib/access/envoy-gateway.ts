import { Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import type { BackendTrafficPolicySpec, SecurityPolicySpec } from '../../imports/gateway.envoyproxy.io';
import type {
  HttpRouteSpec,
  HttpRouteSpecParentRefs,
  HttpRouteSpecRules,
} from '../../imports/gateway.networking.k8s.io';
import { apiObject } from '../core/objects';
import { dnsLabel, objectName, shortDnsLabel, yesOrNo } from '../core/option-rules';
import { bytes } from '../core/units';
import { invalid, verify } from '../core/validation';
import { type IngressController, type IngressSite, refuseStated, routes } from './ingress-controller';
import { clientsOf, type Installation } from './installation';
import { GATEWAY_API, GATEWAY_GROUP, SharedGateway } from './shared-gateway';

/** A Gateway that somebody else keeps, with its certificates. */
export interface ExistingGateway {
  /** Name of the Gateway. */
  readonly name: string;
  /** Its namespace; its listeners have to allow routes of the ingress's. @default - that of the ingress */
  readonly namespace?: string;
  /** Name of the listener that ends TLS. @default - those of port 443 that know the host */
  readonly listener?: string;
}

/** How Envoy Gateway was installed, and which Gateway is used: class `eg`, proxies in `envoy-gateway-system`, unless told otherwise. */
export interface EnvoyGatewayProps extends Installation {
  /** Name of the Gateway that is made for all hosts of a chart. @default "edge-observability" */
  readonly gatewayName?: string;
  /**
   * Whether that Gateway listens on port 80, too, where an issuer makes the certificates: HTTP-01 needs it, DNS-01
   * does not. Only challenges are answered there.
   * @default true
   */
  readonly httpChallenges?: boolean;
  /** A Gateway that exists, in place of one that is made. Its certificates are its own: `tls` is not used. @default - one is made */
  readonly gateway?: ExistingGateway;
}

const ENVOY_API = 'gateway.envoyproxy.io/v1alpha1';
const USER_HEADER = 'X-Auth-User';

/** Envoy counts the bytes that it buffers in 32 bits. */
const LARGEST_BODY = 2 ** 32 - 1;

/**
 * Envoy Gateway, by the Gateway API: one Gateway with a listener for each host, or an existing one; for each host
 * an HTTPRoute, and policies for users, body size and timeout. Users come from a Secret with the key `.htpasswd`,
 * which knows SHA-1 only. Envoy has no realm.
 *
 * Checked against https://gateway.envoyproxy.io/v1.9/api/extension_types/.
 *
 * @throws InvalidOptionError when a name or an address range is not allowed, or options of a Gateway that is made go
 * with an existing one.
 */
export function envoyGateway(props: EnvoyGatewayProps = {}): IngressController {
  verifyProps(props);
  return {
    clients: clientsOf('envoyGateway', { ...props, namespace: props.namespace ?? 'envoy-gateway-system' }),
    usersFormat: { key: '.htpasswd', hash: 'sha1' },
    userHeader: USER_HEADER,
    render: (scope, site) => renderSite(scope, site, props),
  };
}

function verifyProps({ gateway, gatewayName, httpChallenges, className }: EnvoyGatewayProps): void {
  verify('envoyGateway', {
    gatewayName: [gatewayName, shortDnsLabel(63, 'edge-observability')],
    httpChallenges: [httpChallenges, yesOrNo],
    'gateway.name': [gateway && (gateway.name ?? null), objectName],
    'gateway.namespace': [gateway?.namespace, dnsLabel],
    'gateway.listener': [gateway?.listener, objectName],
  });
  const unused = Object.entries({ gatewayName, httpChallenges, className }).find(
    ([, value]) => value !== undefined,
  );
  if (gateway && unused) {
    throw invalid(
      'envoyGateway',
      `${unused[0]} is of a Gateway that is made, and gateway names one that exists: leave one of both out`,
    );
  }
}

function renderSite(scope: Construct, site: IngressSite, props: EnvoyGatewayProps): void {
  refuseStated(scope, site, 'envoyGateway', { realm: 'leave it out' });
  if (bytes(site.maxBodySize) > LARGEST_BODY) {
    throw invalid(
      scope,
      `maxBodySize is ${site.maxBodySize}, and Envoy buffers less than 4Gi: make it smaller`,
    );
  }
  const { name, namespace, labels } = site;
  const metadata = { name, namespace, labels };
  const targetRefs = [{ group: GATEWAY_GROUP, kind: 'HTTPRoute', name }];
  apiObject(scope, 'Default', {
    apiVersion: GATEWAY_API,
    kind: 'HTTPRoute',
    metadata,
    spec: {
      parentRefs: [parent(scope, site, props)],
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

/** The listener of the host, and never one without TLS: passwords would cross the Internet in the clear. */
function parent(
  scope: Construct,
  site: IngressSite,
  {
    gateway,
    gatewayName: name = 'edge-observability',
    className = 'eg',
    httpChallenges = true,
  }: EnvoyGatewayProps,
): HttpRouteSpecParentRefs {
  const { namespace, tls } = site;
  if (!gateway) {
    const shared = SharedGateway.of(scope, { name, namespace, className, httpChallenges, tls });
    const sectionName = shared.listen(scope, site);
    return { group: GATEWAY_GROUP, kind: 'Gateway', name, sectionName };
  }
  if (!('secretName' in tls)) {
    throw invalid(
      scope,
      `tls names an issuer, and the certificates of the Gateway ${gateway.name} are those of its listeners: leave tls out, and annotate that Gateway`,
    );
  }
  return {
    group: GATEWAY_GROUP,
    kind: 'Gateway',
    name: gateway.name,
    namespace: gateway.namespace ?? namespace,
    ...(gateway.listener ? { sectionName: gateway.listener } : { port: 443 }),
  };
}

function rules(site: IngressSite): HttpRouteSpecRules[] {
  return routes(site).map(({ path, serviceName, port }) => ({
    matches: [{ path: { type: 'PathPrefix', value: path } }],
    // Defaults too: Argo CD compares lists of kinds that it does not know as a whole (argo-cd#22151).
    backendRefs: [{ group: '', kind: 'Service', name: serviceName, port, weight: 1 }],
  }));
}
