import type { Construct } from 'constructs';
import type { IngressRouteTcpSpec, MiddlewareSpec } from '../../imports/traefik.io';
import { apiObject } from '../core/objects';
import { dnsLabel } from '../core/option-rules';
import { type Options, type OptionTable, optionsOf } from '../core/option-table';
import { bytes } from '../core/units';
import type { IngressController, IngressSite } from './ingress-controller';
import { ingressObject } from './ingress-object';
import { controllerPeers, type Installation, installationOptions } from './installation';
import { noneAllowed } from './site-options';
import { guardReference, routeMetadata, tlsPassthroughController } from './tls-passthrough';

/** Properties for `traefik()`: the installation of Traefik. */
export interface TraefikProps extends Installation {
  /** Name of the IngressClass. @default "traefik" */
  readonly className?: string;
  /** Namespace of its pods. @default "traefik" */
  readonly namespace?: string;
  /** Entry point for HTTPS. @default "websecure" */
  readonly entryPoint?: string;
}

/** The options of `traefik()`. */
export const TRAEFIK_OPTIONS = {
  ...installationOptions('traefik', 'traefik'),
  entryPoint: { rule: dnsLabel, default: 'websecure' },
} satisfies OptionTable<TraefikProps>;

type TraefikOptions = Options<TraefikProps, typeof TRAEFIK_OPTIONS>;

const API = 'traefik.io/v1alpha1';
const USER_HEADER = 'X-Auth-User';

/**
 * Traefik 3: Basic Auth and body size by Middlewares, users from a Secret with the key `users` that holds
 * htpasswd lines. Timeouts are part of the installation (`forwardingTimeouts`). Hosts of `nodeCertificate()` are routes of
 * TCP, which pass TLS on to the guard.
 *
 * Checked against https://doc.traefik.io/traefik/v3.6/reference/routing-configuration/http/middlewares/ and
 * https://doc.traefik.io/traefik/v3.6/reference/routing-configuration/kubernetes/crd/tcp/ingressroutetcp/.
 * @throws InvalidOptionError when an option is invalid.
 */
export function traefik(props: TraefikProps = {}): IngressController {
  const options = optionsOf('traefik', props, TRAEFIK_OPTIONS);
  const clients = controllerPeers(options.namespace, options.cidrs);
  return {
    clients,
    usersFormat: { key: 'users', hash: 'bcrypt' },
    userHeader: USER_HEADER,
    optionRules: {
      timeout: noneAllowed(
        'since timeouts are configured in the installation of Traefik',
        'remove it, and set forwardingTimeouts in the installation of Traefik',
      ),
    },
    passingTls: tlsPassthroughController({
      clients,
      renderRoute: (scope, site) => renderTcpRoute(scope, site, options),
    }),
    render: (scope, site) => renderTraefikRoutes(scope, site, options),
  };
}

function renderTraefikRoutes(scope: Construct, site: IngressSite, options: TraefikOptions): void {
  const middlewares: Record<string, MiddlewareSpec> = {
    ...(site.checksUsers && { users: basicAuthMiddleware(site) }),
    body: { buffering: { maxRequestBodyBytes: bytes(site.maxBodySize) } },
  };
  for (const [id, spec] of Object.entries(middlewares)) {
    apiObject(scope, `Middleware-${id}`, {
      apiVersion: API,
      kind: 'Middleware',
      metadata: { name: `${site.name}-${id}`, namespace: site.namespace, labels: site.labels },
      spec,
    });
  }
  ingressObject(scope, site, options.className, {
    'traefik.ingress.kubernetes.io/router.entrypoints': options.entryPoint,
    'traefik.ingress.kubernetes.io/router.tls': 'true',
    // Authentication comes first, so that only known users can use the request buffer.
    'traefik.ingress.kubernetes.io/router.middlewares': Object.keys(middlewares)
      .map((id) => `${site.namespace}-${site.name}-${id}@kubernetescrd`)
      .join(','),
  });
}

function renderTcpRoute(
  scope: Construct,
  site: IngressSite,
  { className, entryPoint }: TraefikOptions,
): void {
  apiObject(scope, 'Default', {
    apiVersion: API,
    kind: 'IngressRouteTCP',
    // Its own field for the class exists since v3.7.
    metadata: routeMetadata(site, { 'kubernetes.io/ingress.class': className }),
    spec: {
      entryPoints: [entryPoint],
      routes: [{ match: `HostSNI(\`${site.host}\`)`, services: guardReference(site, (guard) => guard) }],
      tls: { passthrough: true },
    } satisfies IngressRouteTcpSpec,
  });
}

function basicAuthMiddleware({ usersSecretName, realm }: IngressSite): MiddlewareSpec {
  return { basicAuth: { secret: usersSecretName, realm, removeHeader: true, headerField: USER_HEADER } };
}
