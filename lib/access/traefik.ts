import * as k8s from 'cdk8s-plus-25/lib/imports/k8s';
import type { Construct } from 'constructs';
import type { NetworkPeer } from '../contracts/network';
import { apiObject } from '../core/objects';
import { bytes } from '../core/units';
import { cidr, dnsLabel, listOf, objectName, verify } from '../core/validation';
import {
  type IngressController,
  type IngressSite,
  issuerAnnotation,
  refuseStated,
} from './ingress-controller';
import { ingressSpec } from './ingress-spec';

/** How Traefik was installed. */
export interface TraefikProps {
  /** @default "traefik" */
  readonly className?: string;
  /** Namespace of the controller's pods. @default "traefik" */
  readonly namespace?: string;
  /** Entry point that serves HTTPS. @default "websecure" */
  readonly entryPoint?: string;
  /**
   * Addresses that its connections come from when it runs on the host's network.
   * @default - none: the controller has pod addresses
   */
  readonly cidrs?: readonly string[];
}

const USER_HEADER = 'X-Auth-User';

/**
 * Traefik 3: Basic Auth and body size by Middlewares, users from a Secret with the key `users` that holds
 * htpasswd lines. Timeouts belong to the installation (`forwardingTimeouts`).
 *
 * Checked against https://doc.traefik.io/traefik/v3.6/reference/routing-configuration/http/middlewares/.
 *
 * @throws InvalidOptionError when a name or an address range is not allowed.
 */
export function traefik(props: TraefikProps = {}): IngressController {
  verify('traefik', {
    className: [props.className, objectName],
    namespace: [props.namespace, dnsLabel],
    entryPoint: [props.entryPoint, dnsLabel],
    cidrs: [props.cidrs, listOf(cidr)],
  });
  const pods: NetworkPeer = { namespace: props.namespace ?? 'traefik' };
  return {
    clients: props.cidrs?.length ? [pods, { cidrs: props.cidrs }] : [pods],
    usersFormat: { key: 'users', hash: 'bcrypt' },
    userHeader: USER_HEADER,
    render: (scope, site) => renderSite(scope, site, props),
  };
}

function renderSite(scope: Construct, site: IngressSite, props: TraefikProps): void {
  refuseStated(scope, site, 'traefik', {
    timeout: 'leave it out, and set forwardingTimeouts in its installation',
  });
  const middlewares = {
    ...(site.checksUsers && { users: basicAuth(site) }),
    body: { buffering: { maxRequestBodyBytes: bytes(site.maxBodySize) } },
  };
  for (const [id, spec] of Object.entries(middlewares)) {
    apiObject(scope, `Middleware-${id}`, {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'Middleware',
      metadata: { name: `${site.name}-${id}`, namespace: site.namespace, labels: site.labels },
      spec,
    });
  }
  apiObject(scope, 'Default', {
    ...k8s.KubeIngress.GVK,
    metadata: {
      name: site.name,
      namespace: site.namespace,
      labels: site.labels,
      annotations: {
        'traefik.ingress.kubernetes.io/router.entrypoints': props.entryPoint ?? 'websecure',
        'traefik.ingress.kubernetes.io/router.tls': 'true',
        // Users first: nobody fills a buffer who is nobody.
        'traefik.ingress.kubernetes.io/router.middlewares': Object.keys(middlewares)
          .map((id) => `${site.namespace}-${site.name}-${id}@kubernetescrd`)
          .join(','),
        ...issuerAnnotation(site.tls),
      },
    },
    spec: ingressSpec(site, props.className ?? 'traefik'),
  });
}

function basicAuth({ usersSecretName, realm }: IngressSite): object {
  return { basicAuth: { secret: usersSecretName, realm, removeHeader: true, headerField: USER_HEADER } };
}
