import type { NetworkPeer } from '../contracts/network';
import { cidr, dnsLabel, listOf, objectName } from '../core/option-rules';
import { verify } from '../core/validation';

/** How an ingress controller was installed. */
export interface Installation {
  /** Name of its class. @default - the one that its own installation makes */
  readonly className?: string;
  /** Namespace of its pods. @default - the one that its own installation makes */
  readonly namespace?: string;
  /**
   * Addresses that its connections come from when it runs on the host's network.
   * @default - none: its pods have addresses of their own
   */
  readonly cidrs?: readonly string[];
}

/**
 * Where a controller's connections come from.
 *
 * @throws InvalidOptionError when a name or an address range is not allowed.
 */
export function clientsOf(
  controller: string,
  { className, namespace, cidrs }: Installation & { readonly namespace: string },
): NetworkPeer[] {
  verify(controller, {
    className: [className, objectName],
    namespace: [namespace ?? null, dnsLabel],
    cidrs: [cidrs, listOf(cidr)],
  });
  return cidrs?.length ? [{ namespace }, { cidrs }] : [{ namespace }];
}
