import { Construct } from 'constructs';
import { k8s } from './k8s';
import { apiObject, clusterScoped } from './objects';

/** What a PodNamespace is made of. */
export interface PodNamespaceProps {
  /** Name of the namespace. */
  readonly name: string;
  /** What its pods may do. `privileged` is for agents that need the host. */
  readonly podSecurity: 'restricted' | 'privileged';
  /** Denies all traffic that no other policy allows. @default true */
  readonly denyTraffic?: boolean;
}

/** A namespace with its Pod Security level, where only the traffic flows that a policy names. */
export class PodNamespace extends Construct {
  constructor(scope: Construct, id: string, { name, podSecurity, denyTraffic = true }: PodNamespaceProps) {
    super(scope, id);
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
