import type { Construct } from 'constructs';
import type { IngressRouteTcpSpec, MiddlewareSpec } from '../../imports/traefik.io';
import { createApiObject } from '../core/objects';
import { dnsLabel } from '../core/option-rules';
import { type Options, type OptionTable, validateAndApplyDefaults } from '../core/option-table';
import { toBytes } from '../core/units';
import type { IngressController, IngressSite } from './ingress-controller';
import { createIngress } from './ingress-object';
import { controllerNetworkPeers, type Installation, optionRulesOfInstallation } from './installation';
import { ruleThatRefusesOption } from './site-options';
import {
  backendRefsOfGuardService,
  metadataOfTlsPassthroughRoute,
  tlsPassthroughIngressController,
} from './tls-passthrough';

/** Properties for `traefik()`: the installation of Traefik. */
export interface TraefikProps extends Installation {
  /** Name of the IngressClass. @default "traefik" */
  readonly className?: string;
  /** Namespace of Traefik's pods. @default "traefik" */
  readonly namespace?: string;
  /** Name of the entry point for HTTPS. @default "websecure" */
  readonly entryPoint?: string;
}

/** Validation rules of the options of `traefik()`. */
export const TRAEFIK_OPTIONS = {
  ...optionRulesOfInstallation('traefik', 'traefik'),
  entryPoint: { rule: dnsLabel, default: 'websecure' },
} satisfies OptionTable<TraefikProps>;

type TraefikOptions = Options<TraefikProps, typeof TRAEFIK_OPTIONS>;

const TRAEFIK_API = 'traefik.io/v1alpha1';
const USER_HEADER = 'X-Auth-User';

/**
 * Returns the ingress controller for Traefik 3. Middlewares check passwords and limit the body size. Users come from a
 * Secret with the key `users` that contains htpasswd lines. The option `timeout` is only supported for hosts with a
 * guard, because the installation of Traefik configures timeouts (`forwardingTimeouts`). Hosts with `nodeCertificate()`
 * get an IngressRouteTCP, which passes TLS through to the guard.
 *
 * Checked against https://doc.traefik.io/traefik/v3.6/reference/routing-configuration/http/middlewares/ and
 * https://doc.traefik.io/traefik/v3.6/reference/routing-configuration/kubernetes/crd/tcp/ingressroutetcp/.
 * @throws InvalidOptionError when an option is invalid.
 */
export function traefik(props: TraefikProps = {}): IngressController {
  const options = validateAndApplyDefaults('traefik', props, TRAEFIK_OPTIONS);
  const clients = controllerNetworkPeers(options.namespace, options.cidrs);
  return {
    clients,
    usersFormat: { key: 'users', hash: 'bcrypt' },
    userHeader: USER_HEADER,
    optionRules: {
      timeout: ruleThatRefusesOption(
        'because the installation of Traefik configures timeouts',
        'remove the option "timeout", and set forwardingTimeouts in the installation of Traefik',
      ),
    },
    passingTls: tlsPassthroughIngressController({
      clients,
      createRoute: (scope, site) => createTcpRoute(scope, site, options),
    }),
    render: (scope, site) => createIngressAndMiddlewares(scope, site, options),
  };
}

function createIngressAndMiddlewares(scope: Construct, site: IngressSite, options: TraefikOptions): void {
  const middlewares: Record<string, MiddlewareSpec> = {
    ...(site.checksUsers && { users: basicAuthMiddleware(site) }),
    body: { buffering: { maxRequestBodyBytes: toBytes(site.maxBodySize) } },
  };
  for (const [id, spec] of Object.entries(middlewares)) {
    createApiObject(scope, `Middleware-${id}`, {
      apiVersion: TRAEFIK_API,
      kind: 'Middleware',
      metadata: { name: `${site.name}-${id}`, namespace: site.namespace, labels: site.labels },
      spec,
    });
  }
  createIngress(scope, site, options.className, {
    'traefik.ingress.kubernetes.io/router.entrypoints': options.entryPoint,
    'traefik.ingress.kubernetes.io/router.tls': 'true',
    // Authentication is first in the list, so that only known users can use the request buffer.
    'traefik.ingress.kubernetes.io/router.middlewares': Object.keys(middlewares)
      .map((id) => `${site.namespace}-${site.name}-${id}@kubernetescrd`)
      .join(','),
  });
}

function createTcpRoute(
  scope: Construct,
  site: IngressSite,
  { className, entryPoint }: TraefikOptions,
): void {
  createApiObject(scope, 'Default', {
    apiVersion: TRAEFIK_API,
    kind: 'IngressRouteTCP',
    // An IngressRouteTCP has a field for the class since Traefik 3.7; the annotation also works in older versions.
    metadata: metadataOfTlsPassthroughRoute(site, { 'kubernetes.io/ingress.class': className }),
    spec: {
      entryPoints: [entryPoint],
      routes: [
        { match: `HostSNI(\`${site.host}\`)`, services: backendRefsOfGuardService(site, (guard) => guard) },
      ],
      tls: { passthrough: true },
    } satisfies IngressRouteTcpSpec,
  });
}

function basicAuthMiddleware({ usersSecretName, realm }: IngressSite): MiddlewareSpec {
  return { basicAuth: { secret: usersSecretName, realm, removeHeader: true, headerField: USER_HEADER } };
}
