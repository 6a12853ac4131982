import { annotations, dnsLabel } from '../core/option-rules';
import { type RuleTable, required, verifyOptions } from '../core/structure-rules';
import type { IngressController } from './ingress-controller';
import { ingressObject } from './ingress-object';
import { clientsOf, INSTALLATION, type Installation } from './installation';

/** What stands before the proxy; without a class, the cluster's default class. */
export interface ProxyProps extends Installation {
  /** Namespace of its pods, from which the guard takes connections. */
  readonly namespace: string;
  /** Annotations of the Ingress that its controller wants. @default - none */
  readonly annotations?: Readonly<Record<string, string>>;
}

const OPTIONS: RuleTable<ProxyProps> = { ...INSTALLATION, namespace: required(dnsLabel), annotations };

/**
 * Any controller that serves an Ingress with TLS: no other feature of it is used. The guard, an nginx of this
 * stack, checks the passwords and keeps the limits, for readers too.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function proxy(props: ProxyProps): IngressController {
  verifyOptions('proxy', props, OPTIONS);
  return {
    clients: clientsOf(props.namespace, props.cidrs),
    usersFormat: { key: 'auth', hash: 'bcrypt' },
    leavesUsersToGuard: true,
    render: (scope, site) => ingressObject(scope, site, props.className, props.annotations ?? {}),
  };
}
