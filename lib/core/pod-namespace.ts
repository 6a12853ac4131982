import { Construct } from 'constructs';
import { k8s } from './k8s';
import { ownNamespace } from './kubernetes-rules';
import { apiObject, clusterScoped } from './objects';
import { oneOf, yesOrNo } from './option-rules';
import { type OptionTable, required, verifyOptions } from './structure-rules';

/** What a PodNamespace is made of. */
export interface PodNamespaceProps {
  /** Name of the namespace. */
  readonly name: string;
  /** What its pods may do. `privileged` is for agents that need the host. */
  readonly podSecurity: 'restricted' | 'privileged';
  /** Denies all traffic that no other policy allows. @default true */
  readonly denyTraffic?: boolean;
}

const OPTIONS: OptionTable<PodNamespaceProps> = {
  name: required(ownNamespace),
  podSecurity: required(oneOf('restricted', 'privileged')),
  denyTraffic: yesOrNo,
};

/** A namespace with its Pod Security level, where only the traffic flows that a policy names. */
export class PodNamespace extends Construct {
  /** @throws InvalidOptionError when an option is not allowed, or the namespace is one of the cluster's own. */
  constructor(scope: Construct, id: string, props: PodNamespaceProps) {
    super(scope, id);
    verifyOptions(this, props, OPTIONS);
    const { name, podSecurity, denyTraffic = true } = props;
    const levels = ['enforce', 'audit', 'warn'].map((mode) => [
      `pod-security.kubernetes.io/${mode}`,
      podSecurity,
    ]);
    clusterScoped(
      this,
      'Default',
      k8s.KubeNamespace.manifest({ metadata: { name, labels: Object.fromEntries(levels) } }),
    );
    if (denyTraffic) {
      apiObject(
        this,
        'DenyTraffic',
        k8s.KubeNetworkPolicy.manifest({
          metadata: { name: `${name}-default-deny`, namespace: name },
          spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
        }),
      );
    }
  }
}
