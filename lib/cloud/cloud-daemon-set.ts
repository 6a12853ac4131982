import { Construct } from 'constructs';
import { addSeLinuxTypeIfMountingHostPath, podSecurityContextForUidOnHost } from '../core/host';
import { k8s } from '../core/k8s';
import type { Identity } from '../core/labels';
import { createApiObject } from '../core/objects';
import { cloudNodeAffinity } from '../core/placement';
import { Platform } from '../core/platform';
import { type ContainerSpec, hardenContainer } from '../core/pods';

/** Properties for `CloudDaemonSet`. */
export interface CloudDaemonSetProps {
  readonly identity: Identity;
  readonly namespace: string;
  readonly container: ContainerSpec;
  /** Additional containers in each pod. @default - no additional containers */
  readonly sidecars?: readonly ContainerSpec[];
  readonly volumes: readonly k8s.Volume[];
  /**
   * User ID that the containers run as. Use 0 if only root can read the node's files.
   * @default - 65534 (nobody)
   */
  readonly uid?: number;
  /** Annotations of the pods. @default - no annotations */
  readonly podAnnotations?: Readonly<Record<string, string>>;
  /**
   * Whether the token of the service account is mounted, so that the pods can call the API server.
   * @default false
   */
  readonly asksApiServer?: boolean;
  /** Whether the pods use the network and process namespaces of the host. @default false */
  readonly onHost?: boolean;
}

/**
 * A DaemonSet for agents that run on every cloud node, including control-plane nodes, but not on edge nodes.
 */
export class CloudDaemonSet extends Construct {
  constructor(scope: Construct, id: string, props: CloudDaemonSetProps) {
    super(scope, id);
    const { identity, namespace } = props;
    const metadata = { name: identity.name, namespace, labels: identity.labels };
    createApiObject(
      this,
      'ServiceAccount',
      k8s.KubeServiceAccount.manifest({ metadata, automountServiceAccountToken: false }),
    );
    createApiObject(
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
            spec: daemonSetPodSpec(props, Platform.of(this)),
          },
        },
      }),
    );
  }
}

/** Returns a pod spec with the containers and volumes of `props`. The pods run on all cloud nodes, even if tainted. */
function daemonSetPodSpec(props: CloudDaemonSetProps, platform: Platform): k8s.PodSpec {
  return {
    affinity: cloudNodeAffinity(),
    // Every cloud node must be monitored, so the pods tolerate all taints.
    tolerations: [{ operator: 'Exists' }],
    priorityClassName: 'system-node-critical',
    hostNetwork: props.onHost,
    hostPid: props.onHost,
    serviceAccountName: props.identity.name,
    automountServiceAccountToken: props.asksApiServer ?? false,
    enableServiceLinks: false,
    imagePullSecrets: platform.imagePullSecrets,
    securityContext: podSecurityContextForUidOnHost(platform.cloudNodes, props.uid),
    containers: [props.container, ...(props.sidecars ?? [])].map((container) =>
      hardenContainer(addSeLinuxTypeIfMountingHostPath(platform.cloudNodes, props.volumes, container)),
    ),
    volumes: [...props.volumes],
  };
}
