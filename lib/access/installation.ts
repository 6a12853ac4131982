import type { NetworkPeer } from '../contracts/network';
import { cidr, dnsLabel, listOf, objectName } from '../core/option-rules';
import type { OptionTable } from '../core/option-table';

/** How an ingress controller was installed. */
export interface Installation {
  /** Name of its IngressClass or GatewayClass. @default - that of the controller's own installation */
  readonly className?: string;
  /** Namespace of its pods. @default - that of the controller's own installation */
  readonly namespace?: string;
  /**
   * Source addresses of its connections if it runs on the host's network.
   * @default - none; its pods have addresses of their own
   */
  readonly cidrs?: readonly string[];
}

/** The options of an installation with these defaults. */
export const installationOptions = <C extends string, N extends string>(className: C, namespace: N) =>
  ({
    className: { rule: objectName, default: className },
    namespace: { rule: dnsLabel, default: namespace },
    cidrs: INSTALLATION_OPTIONS.cidrs,
  }) satisfies OptionTable<Installation>;

/** The options of `Installation`; each controller has its own defaults. */
export const INSTALLATION_OPTIONS = {
  className: { rule: objectName, default: undefined },
  namespace: { rule: dnsLabel, default: undefined },
  cidrs: { rule: listOf(cidr), default: [] },
} satisfies OptionTable<Installation>;

/** Returns the peers from which a controller connects to backends. */
export function controllerPeers(namespace: string, cidrs: readonly string[]): NetworkPeer[] {
  return cidrs.length ? [{ namespace }, { cidrs }] : [{ namespace }];
}
