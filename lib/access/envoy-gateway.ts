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
import { type Options, type OptionTable, optionsOf, optionsRule } from '../core/option-table';
import { bytes, type Quantity } from '../core/units';
import { invalid } from '../core/validation';
import { type IngressController, type IngressSite, routes } from './ingress-controller';
import { clientsOf, type Installation, installedAs } from './installation';
import { GATEWAY_API, GATEWAY_GROUP, SharedGateway } from './shared-gateway';
import { none, type SiteRule } from './site-options';

/** A Gateway that somebody else keeps, with its certificates. */
export interface ExistingGateway {
  /** Name of the Gateway. */
  readonly name: string;
  /** Its namespace; its listeners have to allow routes of the ingress's. @default - that of the ingress */
  readonly namespace?: string;
  /** Name of the listener that ends TLS. @default - those of port 443 that know the host */
  readonly listener?: string;
}

/** Properties for `envoyGateway()`: how Envoy Gateway was installed, and which Gateway is used. */
export interface EnvoyGatewayProps extends Installation {
  /** Name of its class. @default "eg" */
  readonly className?: string;
  /** Namespace of the proxies. @default "envoy-gateway-system" */
  readonly namespace?: string;
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

/** The options of a Gateway that exists. */
export const EXISTING_GATEWAY = {
  name: { rule: objectName },
  namespace: { rule: dnsLabel, default: undefined },
  listener: { rule: objectName, default: undefined },
} satisfies OptionTable<ExistingGateway>;

/** The options of `envoyGateway()`. */
export const ENVOY_GATEWAY_OPTIONS = {
  ...installedAs('eg', 'envoy-gateway-system'),
  gatewayName: { rule: shortDnsLabel(63, 'edge-observability'), default: 'edge-observability' },
  httpChallenges: { rule: yesOrNo, default: true },
  gateway: { rule: optionsRule<ExistingGateway>(EXISTING_GATEWAY), default: undefined },
} satisfies OptionTable<EnvoyGatewayProps>;

type EnvoyGatewayOptions = Options<EnvoyGatewayProps, typeof ENVOY_GATEWAY_OPTIONS>;

const ENVOY_API = 'gateway.envoyproxy.io/v1alpha1';
const USER_HEADER = 'X-Auth-User';

const realm = none('since Envoy has no option for it', 'leave it out');

/** Envoy counts the bytes that it buffers in 32 bits. */
const maxBodySize: SiteRule = {
  allowed: 'less than "4Gi", which is as much as Envoy buffers',
  accepts: (value) => bytes(value as Quantity) < 2 ** 32,
  remedy: 'make it smaller',
};

const tlsOf = ({ name }: ExistingGateway): SiteRule =>
  none(
    `since the certificates of the Gateway ${name} are those of its listeners`,
    'leave tls out, and give that Gateway the certificate or the annotation of an issuer',
  );

/**
 * Envoy Gateway, by the Gateway API: one Gateway with a listener for each host, or an existing one; for each host
 * an HTTPRoute, and policies for users, body size and timeout. Users come from a Secret with the key `.htpasswd`,
 * which knows SHA-1 only. Envoy has no realm.
 *
 * Checked against https://gateway.envoyproxy.io/v1.9/api/extension_types/.
 *
 * @throws InvalidOptionError when an option is not allowed, or options of a Gateway that is made go with an existing one.
 */
export function envoyGateway(props: EnvoyGatewayProps = {}): IngressController {
  const options = optionsOf('envoyGateway', props, ENVOY_GATEWAY_OPTIONS);
  refuseUnused(props);
  return {
    clients: clientsOf(options.namespace, options.cidrs),
    usersFormat: { key: '.htpasswd', hash: 'sha1' },
    userHeader: USER_HEADER,
    optionRules: { realm, maxBodySize, ...(options.gateway && { tls: tlsOf(options.gateway) }) },
    render: (scope, site) => renderSite(scope, site, options),
  };
}

function refuseUnused({ gateway, gatewayName, httpChallenges, className }: EnvoyGatewayProps): void {
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

function renderSite(scope: Construct, site: IngressSite, options: EnvoyGatewayOptions): void {
  const { name, namespace, labels } = site;
  const metadata = { name, namespace, labels };
  const targetRefs = [{ group: GATEWAY_GROUP, kind: 'HTTPRoute', name }];
  apiObject(scope, 'Default', {
    apiVersion: GATEWAY_API,
    kind: 'HTTPRoute',
    metadata,
    spec: {
      parentRefs: [parent(scope, site, options)],
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
      requestBuffer: { limit: wholeBytes(site.maxBodySize) },
      timeout: { http: { requestTimeout: `${site.timeoutSeconds}s` } },
    } satisfies BackendTrafficPolicySpec,
  });
}

/** The listener of the host, and never one without TLS: passwords would cross the Internet in the clear. */
function parent(
  scope: Construct,
  site: IngressSite,
  { gateway, gatewayName: name, className, httpChallenges }: EnvoyGatewayOptions,
): HttpRouteSpecParentRefs {
  const { namespace, tls } = site;
  if (!gateway) {
    const shared = SharedGateway.of(scope, { name, namespace, className, httpChallenges, tls });
    const sectionName = shared.listen(scope, site);
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

/** Envoy Gateway refuses the whole policy for a size with a fraction, such as 1.5Mi (`buildRequestBuffer` of its `backendtrafficpolicy.go`). */
const wholeBytes = (size: Quantity): string => (size.includes('.') ? String(bytes(size)) : size);

function rules(site: IngressSite): HttpRouteSpecRules[] {
  return routes(site).map(({ path, serviceName, port }) => ({
    matches: [{ path: { type: 'PathPrefix', value: path } }],
    // Defaults too: Argo CD compares lists of kinds that it does not know as a whole (argo-cd#22151).
    backendRefs: [{ group: '', kind: 'Service', name: serviceName, port, weight: 1 }],
  }));
}
