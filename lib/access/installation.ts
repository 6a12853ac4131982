import type { NetworkPeer } from '../contracts/network';
import { cidr, dnsLabel, listRuleWithSingleError, objectName } from '../core/option-rules';
import type { OptionTable } from '../core/option-table';

/** Installation of an ingress controller in the cluster. */
export interface Installation {
  /** Name of the IngressClass or GatewayClass. @default - the name in the manifests or Helm chart of the controller */
  readonly className?: string;
  /** Namespace of the controller's pods. @default - the namespace in the manifests or Helm chart of the controller */
  readonly namespace?: string;
  /**
   * Source addresses of the controller, such as `10.0.0.0/16`, if the controller's pods use the host network.
   * @default - no addresses; only connections from the controller's pods are allowed
   */
  readonly cidrs?: readonly string[];
}

/** Returns the validation rules of the options of `Installation`, with the given class and namespace as defaults. */
export const optionRulesOfInstallation = <C extends string, N extends string>(className: C, namespace: N) =>
  ({
    className: { rule: objectName, default: className },
    namespace: { rule: dnsLabel, default: namespace },
    cidrs: INSTALLATION_OPTIONS.cidrs,
  }) satisfies OptionTable<Installation>;

/** Validation rules of the options of `Installation`, without defaults. */
export const INSTALLATION_OPTIONS = {
  className: { rule: objectName, default: undefined },
  namespace: { rule: dnsLabel, default: undefined },
  cidrs: { rule: listRuleWithSingleError(cidr), default: [] },
} satisfies OptionTable<Installation>;

/**
 * Returns the peers from which a controller connects to backends: the pods of its namespace, and its addresses if
 * any are set.
 */
export function controllerNetworkPeers(namespace: string, cidrs: readonly string[]): NetworkPeer[] {
  return cidrs.length ? [{ namespace }, { cidrs }] : [{ namespace }];
}
