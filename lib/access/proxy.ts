import { annotations as annotationsRule } from '../core/option-rules';
import { verify } from '../core/validation';
import type { IngressController } from './ingress-controller';
import { ingressObject } from './ingress-object';
import { clientsOf, type Installation } from './installation';

/** What stands before the proxy; without a class, the cluster's default class. */
export interface ProxyProps extends Installation {
  /** Namespace of its pods, from which the guard takes connections. */
  readonly namespace: string;
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
  const { className, annotations = {} } = props;
  const clients = clientsOf('proxy', props);
  verify('proxy', { annotations: [annotations, annotationsRule] });
  return {
    clients,
    usersFormat: { key: 'auth', hash: 'bcrypt' },
    leavesUsersToGuard: true,
    render: (scope, site) => ingressObject(scope, site, className, annotations),
  };
}
