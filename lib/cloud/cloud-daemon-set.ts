import { Construct } from 'constructs';
import { labelledFor, podSecurityOf } from '../core/host';
import { k8s } from '../core/k8s';
import type { Identity } from '../core/labels';
import { apiObject } from '../core/objects';
import { inCloud } from '../core/placement';
import { Platform } from '../core/platform';
import { type ContainerSpec, hardened } from '../core/pods';

/** What a DaemonSet of the cloud nodes is made of. */
export interface CloudDaemonSetProps {
  readonly identity: Identity;
  readonly namespace: string;
  readonly container: ContainerSpec;
  /** Containers beside it. @default - none */
  readonly sidecars?: readonly ContainerSpec[];
  readonly volumes: readonly k8s.Volume[];
  /** The user that its containers run as; 0 where only root can read and write the node's files. @default - nobody */
  readonly uid?: number;
  /** @default - none */
  readonly podAnnotations?: Readonly<Record<string, string>>;
  /** Whether its pods get the token of their service account. @default false */
  readonly asksApiServer?: boolean;
  /** The host's network and processes instead of the pod's own. @default false */
  readonly onHost?: boolean;
}

/** An agent on every node of the cloud side, control planes too, and never at the edge. */
export class CloudDaemonSet extends Construct {
  constructor(scope: Construct, id: string, props: CloudDaemonSetProps) {
    super(scope, id);
    const { identity, namespace } = props;
    const metadata = { name: identity.name, namespace, labels: identity.labels };
    apiObject(
      this,
      'ServiceAccount',
      k8s.KubeServiceAccount.manifest({ metadata, automountServiceAccountToken: false }),
    );
    apiObject(
      this,
      'Default',
      k8s.KubeDaemonSet.manifest({
        metadata,
        spec: {
          selector: { matchLabels: identity.selector },
          updateStrategy: {
            type: 'RollingUpdate',
            rollingUpdate: { maxUnavailable: k8s.IntOrString.fromString('10%') },
          },
          template: {
            metadata: { labels: identity.labels, annotations: props.podAnnotations },
            spec: podSpec(props, Platform.of(this)),
          },
        },
      }),
    );
  }
}

function podSpec(props: CloudDaemonSetProps, platform: Platform): k8s.PodSpec {
  return {
    affinity: inCloud(),
    // Every node is watched, whatever taints keep other pods off it.
    tolerations: [{ operator: 'Exists' }],
    priorityClassName: 'system-node-critical',
    hostNetwork: props.onHost,
    hostPid: props.onHost,
    serviceAccountName: props.identity.name,
    automountServiceAccountToken: props.asksApiServer ?? false,
    enableServiceLinks: false,
    imagePullSecrets: platform.imagePullSecrets,
    securityContext: podSecurityOf(platform.cloudNodes, props.uid),
    containers: [props.container, ...(props.sidecars ?? [])].map((container) =>
      hardened(labelledFor(platform.cloudNodes, props.volumes, container)),
    ),
    volumes: [...props.volumes],
  };
}
