import type { NetworkPeer } from '../contracts/network';
import { cidr, dnsLabel, listOf, objectName } from '../core/option-rules';
import type { OptionTable } from '../core/option-table';

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

/** The options of an installation that has these names where nothing else is said. */
export const installedAs = <C extends string, N extends string>(className: C, namespace: N) =>
  ({
    className: { rule: objectName, default: className },
    namespace: { rule: dnsLabel, default: namespace },
    cidrs: INSTALLATION_OPTIONS.cidrs,
  }) satisfies OptionTable<Installation>;

/** The options of `Installation`; each controller has names of its own. */
export const INSTALLATION_OPTIONS = {
  className: { rule: objectName, default: undefined },
  namespace: { rule: dnsLabel, default: undefined },
  cidrs: { rule: listOf(cidr), default: [] },
} satisfies OptionTable<Installation>;

/** Where a controller's connections come from. */
export function clientsOf(namespace: string, cidrs: readonly string[]): NetworkPeer[] {
  return cidrs.length ? [{ namespace }, { cidrs }] : [{ namespace }];
}
