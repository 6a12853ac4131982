import { Construct } from 'constructs';
import { podSecurityOf, withSeLinuxOptions } from '../../core/host';
import { k8s } from '../../core/k8s';
import type { Toleration } from '../../core/kubernetes-rules';
import { Identity } from '../../core/labels';
import { apiObject } from '../../core/objects';
import { optionsOf } from '../../core/option-table';
import { edgeAffinity, type NodeRequirements } from '../../core/placement';
import { Platform } from '../../core/platform';
import { type ContainerSpec, hardenContainer } from '../../core/pods';
import { invalid } from '../../core/validation';
import { type Device, type KnownDevice, knownDevice } from './device';
import { claimOnNodes } from './node-claims';
import { DAEMON_SET_OPTIONS, type DaemonSetOptions, podProblem } from './options';
import { waitForFilesContainer } from './wait-for-files';

/**
 * When pods are updated to a new template. `OnDelete`: when their old pod is deleted. A percentage: a rolling
 * update of that share of the nodes at once; a small number of nodes would stall on those that are offline.
 */
export type EdgeUpdateStrategy = 'OnDelete' | `${number}%`;

/** Properties for `EdgeDaemonSet`. */
export interface EdgeDaemonSetProps {
  /** Name of the DaemonSet, and value of the label `app.kubernetes.io/name` of its pods. */
  readonly name: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `edge` namespace */
  readonly namespace?: string;
  /** Version of the program, for the label `app.kubernetes.io/version`. @default - no label */
  readonly version?: string;
  /** Additional labels of the DaemonSet and its pods; they are not part of the selector. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Additional annotations of the pods. @default - none */
  readonly podAnnotations?: Readonly<Record<string, string>>;
  /** Containers of the pod. Each is hardened, except for what its `securityContext` overrides. */
  readonly containers: readonly ContainerSpec[];
  /** Init containers, which run after the one that waits for ConfigMaps and Secrets. @default - none */
  readonly initContainers?: readonly ContainerSpec[];
  /** Volumes that the containers mount. @default - none */
  readonly volumes?: readonly k8s.Volume[];
  /** Whether pods use the host's network. @default false */
  readonly hostNetwork?: boolean;
  /** Whether pods use the host's process namespace. @default false */
  readonly hostPid?: boolean;
  /**
   * Whether containers of a pod share a process namespace, so that a script can end the agent when its
   * mounted files are gone: EdgeCore unmounts them when it restarts. Cannot be combined with `hostPid`.
   * @default false
   */
  readonly shareProcesses?: boolean;
  /**
   * ID of the user that the pod runs as. 0 is for agents that read container logs or write to a folder of the
   * host; it has no capabilities.
   * @default - nobody (65534)
   */
  readonly uid?: number;
  /** Labels that a node must have in addition to KubeEdge's. @default - every edge node */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /**
   * Labels with values that a node must not have, such as those of groups with pods of their own.
   * @default - none
   */
  readonly excludedNodes?: Readonly<Record<string, readonly string[]>>;
  /** Alternative sets of requirements, one of which a node must meet. @default - every edge node */
  readonly nodeAlternatives?: readonly NodeRequirements[];
  /**
   * Taints that the pods tolerate; with an empty list, none.
   * @default - the taint `node-role.kubernetes.io/edge:NoSchedule`, which many teams set
   */
  readonly tolerations?: readonly Toleration[];
  /**
   * Priority class of the pods.
   * @default "system-node-critical" - metrics matter most when a node is under pressure
   */
  readonly priorityClassName?: string;
  /** When pods are updated to a new template. @default "OnDelete" */
  readonly updateStrategy?: EdgeUpdateStrategy;
  /**
   * Properties of the devices that differ from Debian with systemd.
   * @default - those of the nearest scope that defines any
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
 * Base of every edge workload: a DaemonSet on the nodes that joined through KubeEdge. Its pods need neither
 * the API server, nor cluster DNS, nor Services.
 */
export class EdgeDaemonSet extends Construct {
  /** Name of the DaemonSet. */
  readonly name: string;
  /** Namespace of the DaemonSet. */
  readonly namespace: string;

  /**
   * @throws InvalidOptionError when an option is invalid, or another workload on the same nodes uses the same
   * host port.
   */
  constructor(scope: Construct, id: string, props: EdgeDaemonSetProps) {
    super(scope, id);
    const options = optionsOf(this, props, DAEMON_SET_OPTIONS);
    const problem = podProblem(options);
    if (problem) throw invalid(this, problem);
    if (options.hostPid && options.shareProcesses) {
      throw invalid(this, 'hostPid and shareProcesses are both true, which Kubernetes refuses: remove one');
    }
    const identity = new Identity(options.name, options.version, options.labels);
    this.name = options.name;
    this.namespace = options.namespace;
    this.claimHostPorts(options);
    apiObject(
      this,
      'Default',
      k8s.KubeDaemonSet.manifest({
        metadata: { name: this.name, namespace: this.namespace, labels: identity.labels },
        spec: {
          selector: { matchLabels: identity.selector },
          updateStrategy: updateStrategy(options.updateStrategy),
          template: {
            metadata: { labels: identity.labels, annotations: options.podAnnotations },
            spec: edgePodSpec(options, Platform.of(this), knownDevice(this, options.device)),
          },
        },
      }),
    );
  }

  private claimHostPorts({ containers, ...nodes }: DaemonSetOptions): void {
    for (const { hostPort } of containers.flatMap(({ ports = [] }) => ports)) {
      if (hostPort === undefined) continue;
      claimOnNodes(this, `port ${hostPort}`, nodes, 'change one port or nodeSelector');
    }
  }
}

function edgePodSpec(options: DaemonSetOptions, platform: Platform, device: KnownDevice): k8s.PodSpec {
  const { initContainers, volumes, nodeSelector = {}, tolerations } = options;
  const first = [...waitForFilesContainer(volumes, platform.image('curl')), ...initContainers];
  const finishContainer = (container: ContainerSpec) =>
    hardenContainer(withSeLinuxOptions(device, volumes, container));
  return {
    affinity: edgeAffinity(options.nodeAlternatives, options.excludedNodes),
    // Omitted where it is empty, as the API server stores it.
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
    securityContext: podSecurityOf(device, options.uid),
    terminationGracePeriodSeconds: 10,
    initContainers: first.length ? first.map(finishContainer) : undefined,
    containers: options.containers.map(finishContainer),
    volumes: [...volumes],
  };
}

function updateStrategy(strategy: EdgeUpdateStrategy): k8s.DaemonSetUpdateStrategy {
  if (strategy === 'OnDelete') return { type: 'OnDelete' };
  return { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: k8s.IntOrString.fromString(strategy) } };
}
