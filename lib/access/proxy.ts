import * as k8s from 'cdk8s-plus-25/lib/imports/k8s';
import { apiObject } from '../core/objects';
import { cidr, dnsLabel, labels, listOf, objectName, verify } from '../core/validation';
import { type IngressController, issuerAnnotation } from './ingress-controller';
import { ingressSpec } from './ingress-spec';

/** What stands before the proxy. */
export interface ProxyProps {
  /** Class of the Ingress. @default - the cluster's default class */
  readonly className?: string;
  /** Namespace of the controller's pods. */
  readonly namespace: string;
  /**
   * Addresses that its connections come from when it runs on the host's network.
   * @default - none: the controller has pod addresses
   */
  readonly cidrs?: readonly string[];
  /** Annotations of the Ingress that its controller wants. @default - none */
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Any controller that serves an Ingress with TLS: it is asked for nothing else. The guard, an nginx of this
 * stack, checks the passwords and keeps the limits, for readers too.
 *
 * @throws InvalidOptionError when a name or an address range is not allowed.
 */
export function proxy(props: ProxyProps): IngressController {
  const { className, namespace, cidrs, annotations } = props;
  verify('proxy', {
    className: [className, objectName],
    namespace: [namespace ?? null, dnsLabel],
    cidrs: [cidrs, listOf(cidr)],
  });
  verify('proxy', { annotations: [annotations && Object.fromEntries(keys(annotations)), labels] });
  return {
    clients: cidrs?.length ? [{ namespace }, { cidrs }] : [{ namespace }],
    usersFormat: { key: 'auth', hash: 'bcrypt' },
    leavesUsersToGuard: true,
    render: (scope, site) =>
      apiObject(scope, 'Default', {
        ...k8s.KubeIngress.GVK,
        metadata: {
          name: site.name,
          namespace: site.namespace,
          labels: site.labels,
          annotations: { ...annotations, ...issuerAnnotation(site.tls) },
        },
        spec: ingressSpec(site, className),
      }),
  };
}

/** Names of annotations are those of labels; their values may hold anything. */
const keys = (annotations: Readonly<Record<string, string>>): [string, string][] =>
  Object.keys(annotations).map((key) => [key, '']);
