import * as k8s from 'cdk8s-plus-25/lib/imports/k8s';
import type { Construct } from 'constructs';
import type { NetworkPeer } from '../contracts/network';
import { apiObject } from '../core/objects';
import { bytes, type Quantity } from '../core/units';
import { cidr, dnsLabel, listOf, objectName, verify } from '../core/validation';
import { type IngressController, type IngressSite, issuerAnnotation } from './ingress-controller';
import { ingressSpec } from './ingress-spec';

/** How ingress-nginx was installed. */
export interface IngressNginxProps {
  /** @default "nginx" */
  readonly className?: string;
  /** Namespace of the controller's pods. @default "ingress-nginx" */
  readonly namespace?: string;
  /**
   * Addresses that its connections come from when it runs on the host's network.
   * @default - none: the controller has pod addresses
   */
  readonly cidrs?: readonly string[];
}

const PREFIX = 'nginx.ingress.kubernetes.io';

/**
 * The Kubernetes community's ingress-nginx: Basic Auth by annotations, users from a Secret with the
 * key `auth` that holds htpasswd lines. Retired in March 2026 and still the most installed one.
 *
 * @throws InvalidOptionError when a name or an address range is not allowed.
 */
export function ingressNginx(props: IngressNginxProps = {}): IngressController {
  verify('ingressNginx', {
    className: [props.className, objectName],
    namespace: [props.namespace, dnsLabel],
    cidrs: [props.cidrs, listOf(cidr)],
  });
  const pods: NetworkPeer = { namespace: props.namespace ?? 'ingress-nginx' };
  return {
    clients: props.cidrs?.length ? [pods, { cidrs: props.cidrs }] : [pods],
    usersFormat: { key: 'auth', hash: 'bcrypt' },
    render: (scope, site) => renderIngress(scope, site, props.className ?? 'nginx'),
  };
}

function renderIngress(scope: Construct, site: IngressSite, ingressClassName: string): void {
  apiObject(scope, 'Default', {
    ...k8s.KubeIngress.GVK,
    metadata: {
      name: site.name,
      namespace: site.namespace,
      labels: site.labels,
      annotations: { ...annotations(site), ...issuerAnnotation(site.tls) },
    },
    spec: ingressSpec(site, ingressClassName),
  });
}

function annotations(site: IngressSite): Record<string, string> {
  const values = {
    ...(site.checksUsers && {
      'auth-type': 'basic',
      'auth-secret': site.usersSecretName,
      'auth-secret-type': 'auth-file',
      'auth-realm': site.realm,
    }),
    'force-ssl-redirect': 'true',
    'proxy-body-size': nginxSize(site.maxBodySize),
    'proxy-connect-timeout': '5',
    'proxy-read-timeout': String(site.timeoutSeconds),
    'proxy-send-timeout': String(site.timeoutSeconds),
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${PREFIX}/${name}`, value]));
}

/** nginx writes mebibytes as `m` and knows no unit in `Mi`. */
function nginxSize(size: Quantity): string {
  const mebibytes = bytes(size) / 2 ** 20;
  return Number.isInteger(mebibytes) ? `${mebibytes}m` : String(Math.ceil(bytes(size)));
}
