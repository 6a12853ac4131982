import { Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import type { BackendTrafficPolicySpec, SecurityPolicySpec } from '../../imports/gateway.envoyproxy.io';
import type {
  HttpRouteSpec,
  HttpRouteSpecParentRefs,
  HttpRouteSpecRules,
  TlsRouteSpec,
} from '../../imports/gateway.networking.k8s.io';
import { createApiObject } from '../core/objects';
import { dnsLabel, objectName, shortDnsLabelRule, yesOrNo } from '../core/option-rules';
import { type Options, type OptionTable, optionsRule, validateAndApplyDefaults } from '../core/option-table';
import { type Quantity, toBytes } from '../core/units';
import { optionError } from '../core/validation';
import { type IngressController, type IngressSite, routesSortedByPath } from './ingress-controller';
import { controllerNetworkPeers, type Installation, optionRulesOfInstallation } from './installation';
import { GATEWAY_API, GATEWAY_GROUP, SharedGateway } from './shared-gateway';
import { ruleThatRefusesOption, type SiteRule } from './site-options';
import {
  backendRefsOfGuardService,
  metadataOfTlsPassthroughRoute,
  tlsPassthroughIngressController,
} from './tls-passthrough';

/** A Gateway that you manage outside of this stack, including its certificates. */
export interface ExistingGateway {
  /** Name of the Gateway. */
  readonly name: string;
  /**
   * Namespace of the Gateway. The Gateway's listeners must allow routes from the namespace of the ingress.
   * @default - the namespace of the ingress
   */
  readonly namespace?: string;
  /**
   * Name of the listener in the Gateway. The listener must terminate TLS, or pass TLS through for hosts with
   * `nodeCertificate()`.
   * @default - the listeners for the host on port 443
   */
  readonly listener?: string;
}

/** Properties for `envoyGateway()`: the installation of Envoy Gateway, and the Gateway to use. */
export interface EnvoyGatewayProps extends Installation {
  /** Name of the GatewayClass. @default "eg" */
  readonly className?: string;
  /** Namespace of the Envoy proxies. @default "envoy-gateway-system" */
  readonly namespace?: string;
  /** Name of the Gateway that this package creates for all hosts of a chart. @default "edge-observability" */
  readonly gatewayName?: string;
  /**
   * Whether the Gateway also listens on port 80 for HTTP-01 challenges, if an issuer creates the certificates. The
   * Gateway serves no other requests on port 80. DNS-01 challenges do not need the port.
   * @default true
   */
  readonly httpChallenges?: boolean;
  /**
   * An existing Gateway with its own certificates. Do not set `tls` in this case.
   * @default - this package creates a Gateway for all hosts of a chart
   */
  readonly gateway?: ExistingGateway;
}

/** Validation rules of the options of `ExistingGateway`. */
export const EXISTING_GATEWAY = {
  name: { rule: objectName },
  namespace: { rule: dnsLabel, default: undefined },
  listener: { rule: objectName, default: undefined },
} satisfies OptionTable<ExistingGateway>;

/** Validation rules of the options of `envoyGateway()`. */
export const ENVOY_GATEWAY_OPTIONS = {
  ...optionRulesOfInstallation('eg', 'envoy-gateway-system'),
  gatewayName: { rule: shortDnsLabelRule(63, 'edge-observability'), default: 'edge-observability' },
  httpChallenges: { rule: yesOrNo, default: true },
  gateway: { rule: optionsRule<ExistingGateway>(EXISTING_GATEWAY), default: undefined },
} satisfies OptionTable<EnvoyGatewayProps>;

type EnvoyGatewayOptions = Options<EnvoyGatewayProps, typeof ENVOY_GATEWAY_OPTIONS>;

const ENVOY_API = 'gateway.envoyproxy.io/v1alpha1';
const USER_HEADER = 'X-Auth-User';

const realm = ruleThatRefusesOption('because Envoy does not support a realm', 'remove the option "realm"');

/**
 * Validation rule for the maximum body size: less than 4Gi, because Envoy stores buffer sizes as 32-bit numbers.
 */
const maxBodySize: SiteRule = {
  allowed: 'less than "4Gi", the maximum buffer size of Envoy',
  accepts: (value) => toBytes(value as Quantity) < 2 ** 32,
  remedy: 'reduce it',
};

const ruleThatRefusesTlsOption = ({ name }: ExistingGateway): SiteRule =>
  ruleThatRefusesOption(
    `because the listeners of the Gateway ${name} have their own certificates`,
    'remove the option "tls", and configure the certificate or the issuer annotation in the existing Gateway',
  );

/**
 * Returns the ingress controller for Envoy Gateway. The controller uses the Gateway API: a Gateway with a listener for
 * each host, or an existing Gateway.
 *
 * Each host gets an HTTPRoute, and policies for users, body size and timeout. Hosts with `nodeCertificate()` get a
 * TLSRoute instead, which passes TLS through to the guard. Users come from a Secret with the key `.htpasswd`, in which
 * Envoy only supports SHA-1 hashes. Envoy does not support a realm.
 *
 * Checked against https://gateway.envoyproxy.io/v1.9/api/extension_types/.
 * @throws InvalidOptionError when an option is invalid, or when `gateway` is set together with an option for the
 * Gateway that this package creates.
 */
export function envoyGateway(props: EnvoyGatewayProps = {}): IngressController {
  const options = validateAndApplyDefaults('envoyGateway', props, ENVOY_GATEWAY_OPTIONS);
  refuseOptionsUnusedWithExistingGateway(props);
  const clients = controllerNetworkPeers(options.namespace, options.cidrs);
  return {
    clients,
    usersFormat: { key: '.htpasswd', hash: 'sha1' },
    userHeader: USER_HEADER,
    optionRules: {
      realm,
      maxBodySize,
      ...(options.gateway && { tls: ruleThatRefusesTlsOption(options.gateway) }),
    },
    passingTls: tlsPassthroughIngressController({
      clients,
      createRoute: (scope, site) => createTlsRoute(scope, site, options),
    }),
    render: (scope, site) => createHttpRouteAndPolicies(scope, site, options),
  };
}

function refuseOptionsUnusedWithExistingGateway({
  gateway,
  gatewayName,
  httpChallenges,
  className,
}: EnvoyGatewayProps): void {
  const unused = Object.entries({ gatewayName, httpChallenges, className }).find(
    ([, value]) => value !== undefined,
  );
  if (gateway && unused) {
    throw optionError(
      'envoyGateway',
      `the option ${unused[0]} only applies to a Gateway that this package creates, but the option "gateway" names an existing Gateway: remove one of the two options`,
    );
  }
}

function createHttpRouteAndPolicies(scope: Construct, site: IngressSite, options: EnvoyGatewayOptions): void {
  const { name, namespace, labels } = site;
  const metadata = { name, namespace, labels };
  const targetRefs = [{ group: GATEWAY_GROUP, kind: 'HTTPRoute', name }];
  createApiObject(scope, 'Default', {
    apiVersion: GATEWAY_API,
    kind: 'HTTPRoute',
    metadata,
    spec: {
      parentRefs: [attachRouteToGateway(scope, site, options)],
      hostnames: [site.host],
      rules: Lazy.any({ produce: () => rulesOfHttpRoute(site) }),
    } satisfies HttpRouteSpec,
  });
  if (site.checksUsers) {
    createApiObject(scope, 'Users', {
      apiVersion: ENVOY_API,
      kind: 'SecurityPolicy',
      metadata,
      spec: {
        targetRefs,
        basicAuth: { users: { name: site.usersSecretName }, forwardUsernameHeader: USER_HEADER },
      } satisfies SecurityPolicySpec,
    });
  }
  createApiObject(scope, 'Limits', {
    apiVersion: ENVOY_API,
    kind: 'BackendTrafficPolicy',
    metadata,
    spec: {
      targetRefs,
      requestBuffer: { limit: convertFractionalSizeToBytes(site.maxBodySize) },
      timeout: { http: { requestTimeout: `${site.timeoutSeconds}s` } },
    } satisfies BackendTrafficPolicySpec,
  });
}

function createTlsRoute(scope: Construct, site: IngressSite, options: EnvoyGatewayOptions): void {
  createApiObject(scope, 'Default', {
    apiVersion: GATEWAY_API,
    kind: 'TLSRoute',
    metadata: metadataOfTlsPassthroughRoute(site),
    spec: {
      parentRefs: [attachRouteToGateway(scope, site, options)],
      hostnames: [site.host],
      rules: [{ backendRefs: backendRefsOfGuardService(site, serviceReferenceWithDefaults) }],
    } satisfies TlsRouteSpec,
  });
}

/**
 * Returns a reference to a Service, including the fields with default values, such as `weight`. Without these fields,
 * Argo CD would report the API server's defaults as differences (argo-cd#22151).
 */
const serviceReferenceWithDefaults = (service: { name: string; port: number }) => ({
  group: '',
  kind: 'Service',
  ...service,
  weight: 1,
});

/**
 * Returns the reference from the route of a host to its Gateway, and adds a listener for the host to a Gateway that
 * this package creates. The reference names a listener or the port 443, so that the host is never served without TLS.
 */
function attachRouteToGateway(
  scope: Construct,
  site: IngressSite,
  { gateway, gatewayName: name, className, httpChallenges }: EnvoyGatewayOptions,
): HttpRouteSpecParentRefs {
  const { namespace, tls } = site;
  if (!gateway) {
    const shared = SharedGateway.findOrCreate(scope, { name, namespace, className, httpChallenges, tls });
    const sectionName = shared.addListenerForHost(scope, site);
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
 * Converts a size with a fraction, such as 1.5Mi, to bytes. Envoy Gateway refuses a whole policy if one of its sizes
 * has a fraction (`buildRequestBuffer` in its `backendtrafficpolicy.go`).
 */
const convertFractionalSizeToBytes = (size: Quantity): string =>
  size.includes('.') ? String(toBytes(size)) : size;

function rulesOfHttpRoute(site: IngressSite): HttpRouteSpecRules[] {
  return routesSortedByPath(site).map(({ path, serviceName, port }) => ({
    matches: [{ path: { type: 'PathPrefix', value: path } }],
    backendRefs: [serviceReferenceWithDefaults({ name: serviceName, port })],
  }));
}
