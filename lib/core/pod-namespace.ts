import { Construct } from 'constructs';
import { k8s } from './k8s';
import { ownNamespace } from './kubernetes-rules';
import { PART_OF } from './labels';
import { apiObject, clusterScoped } from './objects';
import { oneOf, yesOrNo } from './option-rules';
import { type OptionTable, optionsOf } from './option-table';
import { Platform } from './platform';

/** Properties for `PodNamespace`. */
export interface PodNamespaceProps {
  /** Name of the namespace. */
  readonly name: string;
  /** What its pods may do. `privileged` is for agents that need the host. */
  readonly podSecurity: 'restricted' | 'privileged';
  /** Denies all traffic that no other policy allows. @default true */
  readonly denyTraffic?: boolean;
  /**
   * Whether pods of others run in it, too. Then the policy selects only pods of this stack, and the level `restricted`
   * warns and audits in place of being enforced.
   * @default - `sharedNamespaces` of the platform
   */
  readonly shared?: boolean;
}

/** The options of `PodNamespace`. */
export const POD_NAMESPACE_OPTIONS = {
  name: { rule: ownNamespace },
  podSecurity: { rule: oneOf('restricted', 'privileged') },
  denyTraffic: { rule: yesOrNo, default: true },
  shared: { rule: yesOrNo, derive: (_, scope) => Platform.of(scope).sharedNamespaces },
} satisfies OptionTable<PodNamespaceProps>;

/** A namespace with its Pod Security level, where only the traffic flows that a policy names. */
export class PodNamespace extends Construct {
  /** @throws InvalidOptionError when an option is not allowed, or the namespace is one of the cluster's own. */
  constructor(scope: Construct, id: string, props: PodNamespaceProps) {
    super(scope, id);
    const { name, podSecurity, denyTraffic, shared } = optionsOf(this, props, POD_NAMESPACE_OPTIONS);
    const labels = { ...PART_OF, ...levels(podSecurity, shared) };
    clusterScoped(this, 'Default', k8s.KubeNamespace.manifest({ metadata: { name, labels } }));
    if (denyTraffic) {
      apiObject(
        this,
        'DenyTraffic',
        k8s.KubeNetworkPolicy.manifest({
          metadata: { name: `${name}-default-deny`, namespace: name, labels: PART_OF },
          spec: { podSelector: shared ? { matchLabels: PART_OF } : {}, policyTypes: ['Ingress', 'Egress'] },
        }),
      );
    }
  }
}

/** Labels for the Pod Security level; `privileged` refuses no pod, so that it is enforced in shared namespaces, too. */
function levels(podSecurity: PodNamespaceProps['podSecurity'], shared: boolean): Record<string, string> {
  const modes = shared && podSecurity === 'restricted' ? ['audit', 'warn'] : ['enforce', 'audit', 'warn'];
  return Object.fromEntries(modes.map((mode) => [`pod-security.kubernetes.io/${mode}`, podSecurity]));
}
