import { Construct } from 'constructs';
import { labelledFor, podSecurityOf } from '../../core/host';
import { k8s } from '../../core/k8s';
import type { Toleration } from '../../core/kubernetes-rules';
import { Identity } from '../../core/labels';
import { apiObject } from '../../core/objects';
import { optionsOf } from '../../core/option-table';
import { type NodeRequirements, onEdge } from '../../core/placement';
import { Platform } from '../../core/platform';
import { type ContainerSpec, hardened } from '../../core/pods';
import { invalid } from '../../core/validation';
import { type Device, deviceOf, type KnownDevice } from './device';
import { claimOnNodes } from './node-claims';
import { DAEMON_SET_OPTIONS, type DaemonSetOptions, podProblem } from './options';
import { waitForFiles } from './wait-for-files';

/**
 * When pods take a new template. `OnDelete`: when someone deletes the old pod. A percentage: rolling,
 * with that share of the nodes at once; a smaller number stalls on nodes that are offline.
 */
export type EdgeUpdateStrategy = 'OnDelete' | `${number}%`;

/** Properties for `EdgeDaemonSet`. */
export interface EdgeDaemonSetProps {
  /** Name of the object and of its pods' label `app.kubernetes.io/name`. */
  readonly name: string;
  /** Where its objects are made. @default - that of its chart, else `edge` of the platform's */
  readonly namespace?: string;
  /** Version of what runs, for the label `app.kubernetes.io/version`. @default - no label */
  readonly version?: string;
  /** More labels for the object and its pods; never part of the selector. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** More annotations for the pods. @default - none */
  readonly podAnnotations?: Readonly<Record<string, string>>;
  /** What runs; each is hardened, but for what its `securityContext` says. */
  readonly containers: readonly ContainerSpec[];
  /** Containers that end before the others start, after one that waits for ConfigMaps and Secrets. @default - none */
  readonly initContainers?: readonly ContainerSpec[];
  /** Volumes that its containers mount. @default - none */
  readonly volumes?: readonly k8s.Volume[];
  /** The host's network instead of the pod's own. @default false */
  readonly hostNetwork?: boolean;
  /** The host's processes instead of the pod's own. @default false */
  readonly hostPid?: boolean;
  /**
   * Containers of the pod see each other's processes, so that a script beside an agent can end it when their files are
   * gone: EdgeCore that is restarted unmounts them. Not with `hostPid`. @default false
   */
  readonly shareProcesses?: boolean;
  /**
   * The pod's user. 0 is for agents that read container logs or write a folder of the host, and comes
   * without any capability. @default - nobody (65534)
   */
  readonly uid?: number;
  /** Labels that a node must carry beside KubeEdge's own. @default - every edge node */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Labels and the values of them that a node must not carry: nodes of groups that have their own. @default - none */
  readonly excludedNodes?: Readonly<Record<string, readonly string[]>>;
  /** Further requirements, of which a node meets one set. @default - every edge node */
  readonly nodeAlternatives?: readonly NodeRequirements[];
  /** Taints of the nodes that pods tolerate; with an empty list, none. @default - the taint `node-role.kubernetes.io/edge:NoSchedule`, which many teams set */
  readonly tolerations?: readonly Toleration[];
  /** Priority class of its pods. @default "system-node-critical" - a node under pressure is when its metrics matter */
  readonly priorityClassName?: string;
  /** When nodes take a change: once their pod is deleted, or by themselves, so many at once. @default "OnDelete" */
  readonly updateStrategy?: EdgeUpdateStrategy;
  /** How the devices differ from a Debian with systemd. @default - as the nearest scope says, else not at all */
  readonly device?: Device;
}

/** Where pods of the edge run, and how they take changes: options that exporters and agents share. */
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
 * What every workload of the edge shares: it runs on the nodes that joined through KubeEdge, and needs
 * neither the API server nor cluster DNS nor a Service there.
 */
export class EdgeDaemonSet extends Construct {
  /** Name of the DaemonSet. */
  readonly name: string;
  /** Where it is. */
  readonly namespace: string;

  /** @throws InvalidOptionError when an option is not allowed, or a host port is taken on the same nodes. */
  constructor(scope: Construct, id: string, props: EdgeDaemonSetProps) {
    super(scope, id);
    const options = optionsOf(this, props, DAEMON_SET_OPTIONS);
    const problem = podProblem(options);
    if (problem) throw invalid(this, problem);
    if (options.hostPid && options.shareProcesses) {
      throw invalid(
        this,
        'hostPid and shareProcesses are both true, which Kubernetes refuses: leave one out',
      );
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
          updateStrategy: rollout(options.updateStrategy),
          template: {
            metadata: { labels: identity.labels, annotations: options.podAnnotations },
            spec: podSpec(options, Platform.of(this), deviceOf(this, options.device)),
          },
        },
      }),
    );
  }

  private claimHostPorts({ containers, ...nodes }: DaemonSetOptions): void {
    for (const { hostPort } of containers.flatMap(({ ports = [] }) => ports)) {
      if (hostPort === undefined) continue;
      claimOnNodes(this, `port ${hostPort}`, nodes, 'give one another port or another nodeSelector');
    }
  }
}

function podSpec(options: DaemonSetOptions, platform: Platform, device: KnownDevice): k8s.PodSpec {
  const { initContainers, volumes, nodeSelector = {}, tolerations } = options;
  const first = [...waitForFiles(volumes, platform.image('curl')), ...initContainers];
  const made = (container: ContainerSpec) => hardened(labelledFor(device, volumes, container));
  return {
    affinity: onEdge(options.nodeAlternatives, options.excludedNodes),
    // Nothing where there is none, as the API server would store it.
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    ...(tolerations.length > 0 && { tolerations: [...tolerations] }),
    priorityClassName: options.priorityClassName,
    hostNetwork: options.hostNetwork || undefined,
    hostPid: options.hostPid || undefined,
    shareProcessNamespace: options.shareProcesses || undefined,
    // The edge has no cluster DNS, no Services and no working service account tokens.
    dnsPolicy: 'Default',
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    imagePullSecrets: platform.imagePullSecrets,
    securityContext: podSecurityOf(device, options.uid),
    terminationGracePeriodSeconds: 10,
    initContainers: first.length ? first.map(made) : undefined,
    containers: options.containers.map(made),
    volumes: [...volumes],
  };
}

function rollout(strategy: EdgeUpdateStrategy): k8s.DaemonSetUpdateStrategy {
  if (strategy === 'OnDelete') return { type: 'OnDelete' };
  return { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: k8s.IntOrString.fromString(strategy) } };
}
