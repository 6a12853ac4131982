import { Construct } from 'constructs';
import { addSeLinuxTypeIfMountingHostPath, podSecurityContextForUidOnHost } from '../../core/host';
import { k8s } from '../../core/k8s';
import type { Toleration } from '../../core/kubernetes-rules';
import { Identity } from '../../core/labels';
import { createApiObject } from '../../core/objects';
import { validateAndApplyDefaults } from '../../core/option-table';
import { edgeNodeAffinity, type NodeRequirements } from '../../core/placement';
import { Platform } from '../../core/platform';
import { type ContainerSpec, hardenContainer } from '../../core/pods';
import { optionError } from '../../core/validation';
import { type Device, type ResolvedDevice, resolveDeviceProperties } from './device';
import { claimNodeResource } from './node-claims';
import { DAEMON_SET_OPTIONS, type DaemonSetOptions, problemOfContainerNamesAndVolumes } from './options';
import { initContainersThatWaitForFiles } from './wait-for-files';

/**
 * Update strategy of the DaemonSet. With `OnDelete`, a node gets the new pod only after someone deletes the old pod. A
 * percentage, such as `10%`, is the `maxUnavailable` of a rolling update. Nodes that are offline count as unavailable,
 * so a small percentage can stop the rolling update.
 */
export type EdgeUpdateStrategy = 'OnDelete' | `${number}%`;

/** Properties for `EdgeDaemonSet`. */
export interface EdgeDaemonSetProps {
  /** Name of the DaemonSet, and value of the label `app.kubernetes.io/name` of its pods. */
  readonly name: string;
  /** Namespace of the objects. @default - the chart's namespace, or else the platform's `edge` namespace */
  readonly namespace?: string;
  /** Version of the program, for the label `app.kubernetes.io/version`. @default - no label */
  readonly version?: string;
  /** Additional labels of the DaemonSet and its pods. They are not part of the selector. @default - no labels */
  readonly labels?: Readonly<Record<string, string>>;
  /** Additional annotations of the pods. @default - no annotations */
  readonly podAnnotations?: Readonly<Record<string, string>>;
  /**
   * Containers of the pod. Each container gets a hardened security context. Fields in the `securityContext` of a
   * container override the same fields of the hardened context.
   */
  readonly containers: readonly ContainerSpec[];
  /**
   * Init containers. They run after the init container `wait-for-files`, which waits for ConfigMaps and Secrets.
   * @default - no init containers
   */
  readonly initContainers?: readonly ContainerSpec[];
  /** Volumes that the containers mount. @default - no volumes */
  readonly volumes?: readonly k8s.Volume[];
  /** Whether pods use the host's network. @default false */
  readonly hostNetwork?: boolean;
  /** Whether pods use the host's process namespace. @default false */
  readonly hostPid?: boolean;
  /**
   * Whether the containers of a pod share a process namespace. When EdgeCore restarts, it unmounts the ConfigMaps and
   * Secrets of running pods. With a shared process namespace, a script can end the agent's process, so that the kubelet
   * restarts the container with the files. Cannot be combined with `hostPid`.
   * @default false
   */
  readonly shareProcesses?: boolean;
  /**
   * ID of the user that the pod runs as. Agents that read container logs or write to a folder on the node need 0
   * (root). Containers have no capabilities, even as root.
   * @default - nobody (65534)
   */
  readonly uid?: number;
  /** Labels that a node must have in addition to KubeEdge's label of edge nodes. @default - every edge node */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /**
   * Labels that exclude nodes. Keys are names of labels. A node is excluded if its label has one of the listed values.
   * Use this option to exclude nodes on which another DaemonSet runs the same agent.
   * @default - no node is excluded
   */
  readonly excludedNodes?: Readonly<Record<string, readonly string[]>>;
  /** Alternative sets of requirements. A node must meet at least one set. @default - every edge node */
  readonly nodeAlternatives?: readonly NodeRequirements[];
  /**
   * Taints that the pods tolerate. With an empty list, the pods tolerate no taint.
   * @default - the taint `node-role.kubernetes.io/edge:NoSchedule`, which many teams set
   */
  readonly tolerations?: readonly Toleration[];
  /**
   * Priority class of the pods. The default protects the pods from eviction, because metrics are most useful while a
   * node is under pressure.
   * @default "system-node-critical"
   */
  readonly priorityClassName?: string;
  /** Update strategy of the DaemonSet. @default "OnDelete" */
  readonly updateStrategy?: EdgeUpdateStrategy;
  /**
   * Properties in which the devices differ from Debian with systemd, such as `stateDirectory`.
   * @default - the properties that the nearest parent scope defines
   */
  readonly device?: Device;
}

/** Options for the pods of edge exporters and agents: nodes, tolerations, priority and updates. */
export type EdgePodOptions = Pick<
  EdgeDaemonSetProps,
  | 'namespace'
  | 'nodeSelector'
  | 'excludedNodes'
  | 'tolerations'
  | 'priorityClassName'
  | 'updateStrategy'
  | 'device'
>;

/**
 * Base of every edge workload: a DaemonSet on the nodes that joined through KubeEdge. The pods work without the API
 * server, cluster DNS and Services.
 */
export class EdgeDaemonSet extends Construct {
  /** Name of the DaemonSet. */
  readonly name: string;
  /** Namespace of the DaemonSet. */
  readonly namespace: string;

  /**
   * @throws InvalidOptionError when an option is invalid, or when another workload uses the same host port on the same
   * nodes.
   */
  constructor(scope: Construct, id: string, props: EdgeDaemonSetProps) {
    super(scope, id);
    const options = validateAndApplyDefaults(this, props, DAEMON_SET_OPTIONS);
    const problem = problemOfContainerNamesAndVolumes(options);
    if (problem) throw optionError(this, problem);
    if (options.hostPid && options.shareProcesses) {
      throw optionError(
        this,
        'hostPid and shareProcesses are both true, which Kubernetes rejects: remove one of the two options',
      );
    }
    const identity = new Identity(options.name, options.version, options.labels);
    this.name = options.name;
    this.namespace = options.namespace;
    this.claimHostPorts(options);
    createApiObject(
      this,
      'Default',
      k8s.KubeDaemonSet.manifest({
        metadata: { name: this.name, namespace: this.namespace, labels: identity.labels },
        spec: {
          selector: { matchLabels: identity.selector },
          updateStrategy: daemonSetUpdateStrategy(options.updateStrategy),
          template: {
            metadata: { labels: identity.labels, annotations: options.podAnnotations },
            spec: edgePodSpec(options, Platform.of(this), resolveDeviceProperties(this, options.device)),
          },
        },
      }),
    );
  }

  private claimHostPorts({ containers, ...nodes }: DaemonSetOptions): void {
    for (const { hostPort } of containers.flatMap(({ ports = [] }) => ports)) {
      if (hostPort === undefined) continue;
      claimNodeResource(
        this,
        `host port ${hostPort}`,
        nodes,
        'change the port or the nodeSelector of one of the two DaemonSets',
      );
    }
  }
}

function edgePodSpec(options: DaemonSetOptions, platform: Platform, device: ResolvedDevice): k8s.PodSpec {
  const { initContainers, volumes, nodeSelector = {}, tolerations } = options;
  const first = [...initContainersThatWaitForFiles(volumes, platform.image('curl')), ...initContainers];
  const hardenEdgeContainer = (container: ContainerSpec) =>
    hardenContainer(addSeLinuxTypeIfMountingHostPath(device, volumes, container));
  return {
    affinity: edgeNodeAffinity(options.nodeAlternatives, options.excludedNodes),
    // The API server stores no empty nodeSelector, so an empty nodeSelector in the manifest would show up as a diff.
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    ...(tolerations.length > 0 && { tolerations: [...tolerations] }),
    priorityClassName: options.priorityClassName,
    hostNetwork: options.hostNetwork || undefined,
    hostPid: options.hostPid || undefined,
    shareProcessNamespace: options.shareProcesses || undefined,
    // Edge nodes have no cluster DNS, no Services and no working service account tokens.
    dnsPolicy: 'Default',
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    imagePullSecrets: platform.imagePullSecrets,
    securityContext: podSecurityContextForUidOnHost(device, options.uid),
    terminationGracePeriodSeconds: 10,
    initContainers: first.length ? first.map(hardenEdgeContainer) : undefined,
    containers: options.containers.map(hardenEdgeContainer),
    volumes: [...volumes],
  };
}

function daemonSetUpdateStrategy(strategy: EdgeUpdateStrategy): k8s.DaemonSetUpdateStrategy {
  if (strategy === 'OnDelete') return { type: 'OnDelete' };
  return { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: k8s.IntOrString.fromString(strategy) } };
}
