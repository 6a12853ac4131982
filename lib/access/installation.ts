import type { NetworkPeer } from '../contracts/network';
import { cidr, dnsLabel, listOf, objectName } from '../core/option-rules';
import type { RuleTable } from '../core/structure-rules';

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

/** The rules of these options. */
export const INSTALLATION: RuleTable<Installation> = {
  className: objectName,
  namespace: dnsLabel,
  cidrs: listOf(cidr),
};

/** Where a controller's connections come from. */
export function clientsOf(namespace: string, cidrs: readonly string[] = []): NetworkPeer[] {
  return cidrs.length ? [{ namespace }, { cidrs }] : [{ namespace }];
}
