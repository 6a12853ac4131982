import { Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import type { BackendTrafficPolicySpec, SecurityPolicySpec } from '../../imports/gateway.envoyproxy.io';
import type {
  HttpRouteSpec,
  HttpRouteSpecParentRefs,
  HttpRouteSpecRules,
  TlsRouteSpec,
} from '../../imports/gateway.networking.k8s.io';
import { apiObject } from '../core/objects';
import { dnsLabel, objectName, shortDnsLabel, yesOrNo } from '../core/option-rules';
import { type Options, type OptionTable, optionsOf, optionsRule } from '../core/option-table';
import { bytes, type Quantity } from '../core/units';
import { invalid } from '../core/validation';
import { type IngressController, type IngressSite, pathRoutes } from './ingress-controller';
import { controllerPeers, type Installation, installationOptions } from './installation';
import { GATEWAY_API, GATEWAY_GROUP, SharedGateway } from './shared-gateway';
import { noneAllowed, type SiteRule } from './site-options';
import { guardReference, routeMetadata, tlsPassthroughController } from './tls-passthrough';

/** An existing Gateway, which is managed elsewhere together with its certificates. */
export interface ExistingGateway {
  /** Name of the Gateway. */
  readonly name: string;
  /**
   * Namespace of the Gateway; its listeners must allow routes from the ingress's namespace.
   * @default - that of the ingress
   */
  readonly namespace?: string;
  /**
   * Name of the listener that terminates TLS, or passes it on for hosts of `nodeCertificate()`.
   * @default - the listeners on port 443 for the host
   */
  readonly listener?: string;
}

/** Properties for `envoyGateway()`: the installation of Envoy Gateway, and the Gateway to use. */
export interface EnvoyGatewayProps extends Installation {
  /** Name of the GatewayClass. @default "eg" */
  readonly className?: string;
  /** Namespace of the proxies. @default "envoy-gateway-system" */
  readonly namespace?: string;
  /** Name of the Gateway that is created for all hosts of a chart. @default "edge-observability" */
  readonly gatewayName?: string;
  /**
   * Whether the Gateway also listens on port 80 if certificates come from an issuer. It is needed for HTTP-01
   * challenges, which is all that the port serves, but not for DNS-01.
   * @default true
   */
  readonly httpChallenges?: boolean;
  /**
   * An existing Gateway to use, with its own certificates; `tls` is then ignored.
   * @default - a Gateway is created
   */
  readonly gateway?: ExistingGateway;
}

/** The options of an existing Gateway. */
export const EXISTING_GATEWAY = {
  name: { rule: objectName },
  namespace: { rule: dnsLabel, default: undefined },
  listener: { rule: objectName, default: undefined },
} satisfies OptionTable<ExistingGateway>;

/** The options of `envoyGateway()`. */
export const ENVOY_GATEWAY_OPTIONS = {
  ...installationOptions('eg', 'envoy-gateway-system'),
  gatewayName: { rule: shortDnsLabel(63, 'edge-observability'), default: 'edge-observability' },
  httpChallenges: { rule: yesOrNo, default: true },
  gateway: { rule: optionsRule<ExistingGateway>(EXISTING_GATEWAY), default: undefined },
} satisfies OptionTable<EnvoyGatewayProps>;

type EnvoyGatewayOptions = Options<EnvoyGatewayProps, typeof ENVOY_GATEWAY_OPTIONS>;

const ENVOY_API = 'gateway.envoyproxy.io/v1alpha1';
const USER_HEADER = 'X-Auth-User';

const realm = noneAllowed('since Envoy does not support it', 'remove it');

/** Envoy stores buffer sizes in 32 bits. */
const maxBodySize: SiteRule = {
  allowed: 'less than "4Gi", the maximum buffer size of Envoy',
  accepts: (value) => bytes(value as Quantity) < 2 ** 32,
  remedy: 'reduce it',
};

const tlsRuleOfExistingGateway = ({ name }: ExistingGateway): SiteRule =>
  noneAllowed(
    `since the listeners of the Gateway ${name} have their own certificates`,
    'remove tls, and configure the certificate or the issuer annotation in that Gateway',
  );

/**
 * Envoy Gateway, through the Gateway API: a Gateway with a listener for each host, or an existing one; for
 * each host an HTTPRoute, and policies for users, body size and timeout. Users come from a Secret with the
 * key `.htpasswd`, which only supports SHA-1. Envoy has no realm. Hosts of `nodeCertificate()` are TLSRoutes, which pass TLS
 * on to the guard.
 *
 * Checked against https://gateway.envoyproxy.io/v1.9/api/extension_types/.
 * @throws InvalidOptionError when an option is invalid, or options for a created Gateway are combined with an
 * existing one.
 */
export function envoyGateway(props: EnvoyGatewayProps = {}): IngressController {
  const options = optionsOf('envoyGateway', props, ENVOY_GATEWAY_OPTIONS);
  refuseUnusedOptions(props);
  const clients = controllerPeers(options.namespace, options.cidrs);
  return {
    clients,
    usersFormat: { key: '.htpasswd', hash: 'sha1' },
    userHeader: USER_HEADER,
    optionRules: {
      realm,
      maxBodySize,
      ...(options.gateway && { tls: tlsRuleOfExistingGateway(options.gateway) }),
    },
    passingTls: tlsPassthroughController({
      clients,
      renderRoute: (scope, site) => renderTlsRoute(scope, site, options),
    }),
    render: (scope, site) => renderGatewayRoutes(scope, site, options),
  };
}

function refuseUnusedOptions({ gateway, gatewayName, httpChallenges, className }: EnvoyGatewayProps): void {
  const unused = Object.entries({ gatewayName, httpChallenges, className }).find(
    ([, value]) => value !== undefined,
  );
  if (gateway && unused) {
    throw invalid(
      'envoyGateway',
      `${unused[0]} only applies to a created Gateway, but gateway refers to an existing one: remove one of both`,
    );
  }
}

function renderGatewayRoutes(scope: Construct, site: IngressSite, options: EnvoyGatewayOptions): void {
  const { name, namespace, labels } = site;
  const metadata = { name, namespace, labels };
  const targetRefs = [{ group: GATEWAY_GROUP, kind: 'HTTPRoute', name }];
  apiObject(scope, 'Default', {
    apiVersion: GATEWAY_API,
    kind: 'HTTPRoute',
    metadata,
    spec: {
      parentRefs: [parentGateway(scope, site, options)],
      hostnames: [site.host],
      rules: Lazy.any({ produce: () => httpRouteRules(site) }),
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
      requestBuffer: { limit: wholeBytes(site.maxBodySize) },
      timeout: { http: { requestTimeout: `${site.timeoutSeconds}s` } },
    } satisfies BackendTrafficPolicySpec,
  });
}

function renderTlsRoute(scope: Construct, site: IngressSite, options: EnvoyGatewayOptions): void {
  apiObject(scope, 'Default', {
    apiVersion: GATEWAY_API,
    kind: 'TLSRoute',
    metadata: routeMetadata(site),
    spec: {
      parentRefs: [parentGateway(scope, site, options)],
      hostnames: [site.host],
      rules: [{ backendRefs: guardReference(site, serviceRef) }],
    } satisfies TlsRouteSpec,
  });
}

/** Defaults are stated, since Argo CD compares lists of unknown kinds as a whole (argo-cd#22151). */
const serviceRef = (service: { name: string; port: number }) => ({
  group: '',
  kind: 'Service',
  ...service,
  weight: 1,
});

/**
 * Returns the reference to the host's listener. It must be a listener with TLS, so that passwords are never
 * sent in clear text.
 */
function parentGateway(
  scope: Construct,
  site: IngressSite,
  { gateway, gatewayName: name, className, httpChallenges }: EnvoyGatewayOptions,
): HttpRouteSpecParentRefs {
  const { namespace, tls } = site;
  if (!gateway) {
    const shared = SharedGateway.of(scope, { name, namespace, className, httpChallenges, tls });
    const sectionName = shared.addListener(scope, site);
    return { group: GATEWAY_GROUP, kind: 'Gateway', name, sectionName };
  }
  return {
    group: GATEWAY_GROUP,
    kind: 'Gateway',
    name: gateway.name,
    namespace: gateway.namespace ?? namespace,
    ...(gateway.listener ? { sectionName: gateway.listener } : { port: 443 }),
  };
}

/**
 * Converts a fractional size such as 1.5Mi to bytes; Envoy Gateway refuses the whole policy for it
 * (`buildRequestBuffer` of its `backendtrafficpolicy.go`).
 */
const wholeBytes = (size: Quantity): string => (size.includes('.') ? String(bytes(size)) : size);

function httpRouteRules(site: IngressSite): HttpRouteSpecRules[] {
  return pathRoutes(site).map(({ path, serviceName, port }) => ({
    matches: [{ path: { type: 'PathPrefix', value: path } }],
    backendRefs: [serviceRef({ name: serviceName, port })],
  }));
}
