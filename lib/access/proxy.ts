import { annotations, dnsLabel, yesOrNo } from '../core/option-rules';
import { type OptionTable, optionsOf } from '../core/option-table';
import type { IngressController } from './ingress-controller';
import { ingressObject } from './ingress-object';
import { controllerPeers, INSTALLATION_OPTIONS, type Installation } from './installation';

/** Properties for `proxy()`: the installation of the controller. */
export interface ProxyProps extends Installation {
  /** Name of the IngressClass. @default - the cluster's default class */
  readonly className?: string;
  /** Namespace of its pods, from which the guard accepts connections. */
  readonly namespace: string;
  /** Annotations of the Ingress that the controller requires. @default - none */
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * Whether the controller passes TLS through, as configured by these annotations. Then the guard terminates TLS with
   * the certificate of the host, and can request certificates from nodes: `nodeCertificate()`.
   * @default false
   */
  readonly tlsPassthrough?: boolean;
}

/** The options of `proxy()`. */
export const PROXY_OPTIONS = {
  ...INSTALLATION_OPTIONS,
  namespace: { rule: dnsLabel },
  annotations: { rule: annotations, default: {} },
  tlsPassthrough: { rule: yesOrNo, default: false },
} satisfies OptionTable<ProxyProps>;

/**
 * Any controller that supports Ingress with TLS, or TLS passthrough; no other feature is used. The guard checks passwords and
 * applies limits, also for backends that are read.
 * @throws InvalidOptionError when an option is invalid.
 */
export function proxy(props: ProxyProps): IngressController {
  const options = optionsOf('proxy', props, PROXY_OPTIONS);
  return {
    clients: controllerPeers(options.namespace, options.cidrs),
    usersFormat: { key: 'auth', hash: 'bcrypt' },
    leavesUsersToGuard: true,
    passesTls: options.tlsPassthrough,
    render: (scope, site) => ingressObject(scope, site, options.className, options.annotations),
  };
}
