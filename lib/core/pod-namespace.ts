import { Construct } from 'constructs';
import { k8s } from './k8s';
import { ownNamespace } from './kubernetes-rules';
import { PART_OF } from './labels';
import { createApiObject, createClusterScopedObject } from './objects';
import { oneOfRule, yesOrNo } from './option-rules';
import { type OptionTable, validateAndApplyDefaults } from './option-table';
import { Platform } from './platform';

/** Properties for `PodNamespace`. */
export interface PodNamespaceProps {
  /** Name of the namespace. */
  readonly name: string;
  /** Pod Security level. `privileged` is for agents that access the host. */
  readonly podSecurity: 'restricted' | 'privileged';
  /** Whether a NetworkPolicy denies all traffic that no other policy allows. @default true */
  readonly denyTraffic?: boolean;
  /**
   * Whether the namespace also contains pods that are not part of this stack. If true, the NetworkPolicy only
   * selects pods of this stack, and the level `restricted` only warns and audits instead of being enforced.
   * @default - `sharedNamespaces` of the platform
   */
  readonly shared?: boolean;
}

/** Validation rules of the options of `PodNamespace`. */
export const POD_NAMESPACE_OPTIONS = {
  name: { rule: ownNamespace },
  podSecurity: { rule: oneOfRule('restricted', 'privileged') },
  denyTraffic: { rule: yesOrNo, default: true },
  shared: { rule: yesOrNo, derive: (_, scope) => Platform.of(scope).sharedNamespaces },
} satisfies OptionTable<PodNamespaceProps>;

/** A namespace with a Pod Security level, and a NetworkPolicy that denies all traffic which no other policy allows. */
export class PodNamespace extends Construct {
  /**
   * @throws InvalidOptionError when an option is invalid, or the namespace belongs to Kubernetes or KubeEdge.
   */
  constructor(scope: Construct, id: string, props: PodNamespaceProps) {
    super(scope, id);
    const { name, podSecurity, denyTraffic, shared } = validateAndApplyDefaults(
      this,
      props,
      POD_NAMESPACE_OPTIONS,
    );
    const labels = { ...PART_OF, ...podSecurityLabels(podSecurity, shared) };
    createClusterScopedObject(this, 'Default', k8s.KubeNamespace.manifest({ metadata: { name, labels } }));
    if (denyTraffic) {
      createApiObject(
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

/**
 * Returns the labels with the Pod Security level. The level `privileged` allows all pods, so it is also enforced in
 * shared namespaces.
 */
function podSecurityLabels(
  podSecurity: PodNamespaceProps['podSecurity'],
  shared: boolean,
): Record<string, string> {
  const modes = shared && podSecurity === 'restricted' ? ['audit', 'warn'] : ['enforce', 'audit', 'warn'];
  return Object.fromEntries(modes.map((mode) => [`pod-security.kubernetes.io/${mode}`, podSecurity]));
}
