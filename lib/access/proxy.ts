import { annotations, dnsLabel, yesOrNo } from '../core/option-rules';
import { type OptionTable, validateAndApplyDefaults } from '../core/option-table';
import type { IngressController } from './ingress-controller';
import { createIngress } from './ingress-object';
import { controllerNetworkPeers, INSTALLATION_OPTIONS, type Installation } from './installation';

/** Properties for `proxy()`: the installation of the ingress controller. */
export interface ProxyProps extends Installation {
  /** Name of the IngressClass. @default - the cluster's default IngressClass */
  readonly className?: string;
  /** Namespace of the controller's pods. The guard accepts connections from this namespace. */
  readonly namespace: string;
  /** Annotations that the controller requires on the Ingress. @default - no annotations */
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * Whether the controller passes TLS through to the guard. `annotations` must enable this in the controller. If
   * true, the guard terminates TLS with the certificate of the host, and can request client certificates
   * (`nodeCertificate()`).
   * @default false
   */
  readonly tlsPassthrough?: boolean;
}

/** Validation rules of the options of `proxy()`. */
export const PROXY_OPTIONS = {
  ...INSTALLATION_OPTIONS,
  namespace: { rule: dnsLabel },
  annotations: { rule: annotations, default: {} },
  tlsPassthrough: { rule: yesOrNo, default: false },
} satisfies OptionTable<ProxyProps>;

/**
 * Returns an ingress controller for any program that supports Ingress with TLS, or TLS passthrough. The stack uses
 * no other feature of the program: the guard checks passwords and applies limits, also for backends that do not
 * receive pushes.
 * @throws InvalidOptionError when an option is invalid.
 */
export function proxy(props: ProxyProps): IngressController {
  const options = validateAndApplyDefaults('proxy', props, PROXY_OPTIONS);
  return {
    clients: controllerNetworkPeers(options.namespace, options.cidrs),
    usersFormat: { key: 'auth', hash: 'bcrypt' },
    leavesUsersToGuard: true,
    passesTls: options.tlsPassthrough,
    render: (scope, site) => createIngress(scope, site, options.className, options.annotations),
  };
}
