import { Construct } from 'constructs';
import type { NetworkServer } from '../../contracts/network';
import { DENIED_NODES, type NodeAdmissionServer } from '../../contracts/node-admission';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { commonCloudOptionTable } from '../../core/cloud-rules';
import { CloudWorkload } from '../../core/cloud-workload';
import type { k8s } from '../../core/k8s';
import { labels, labelValue, oneOfRule } from '../../core/option-rules';
import {
  type Options,
  type OptionTable,
  optionsRule,
  validateAndApplyDefaults,
} from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { listRule } from '../../core/structure-rules';
import { optionError } from '../../core/validation';
import program from './admission/main.mjs?bundle';

/** Properties for `NodeAdmission`. */
export interface NodeAdmissionProps {
  /** Name of the Kubernetes objects and of the scrape job. @default "cloud-node-admission" */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /**
   * Which nodes may push. With `api-server`, only nodes of this cluster may push; nodes that were deleted
   * from the cluster, or never joined it, are refused. With `pushes`, nodes of other clusters may push, too.
   * Nodes in the ConfigMap `denied-nodes` are always refused.
   * @default "api-server"
   */
  readonly membership?: 'api-server' | 'pushes';
  /**
   * Node groups, selected by labels of Kubernetes nodes. Guards set the label `group` of the metrics and logs
   * of a node to the first group that selects the node. If no group selects the node, guards remove the
   * label. The option is only allowed with `membership: 'api-server'`.
   * @default - nodes set the label `group` themselves
   */
  readonly groups?: readonly LabeledGroup[];
  /** Resources of each of the two pods. @default - requests: 10m CPU, 64Mi memory; limit: 192Mi memory */
  readonly resources?: Resources;
}

/** A node group, selected by labels of Kubernetes nodes. */
export interface LabeledGroup {
  /** Name of the group: the value of the label `group` of metrics and log lines. */
  readonly name: string;
  /**
   * Labels that a node must have to belong to the group. An empty object selects all nodes that no earlier
   * group selects.
   */
  readonly nodeSelector: Readonly<Record<string, string>>;
}

/** Validation rule of each field of `LabeledGroup`. */
const LABELED_GROUP = {
  name: { rule: labelValue },
  nodeSelector: { rule: labels },
} satisfies OptionTable<LabeledGroup>;

/** Validation rule and default of each option of `NodeAdmission`. */
export const NODE_ADMISSION_OPTIONS = {
  ...commonCloudOptionTable('cloud-node-admission', { cpu: '10m', memory: '64Mi', memoryLimit: '192Mi' }),
  membership: { rule: oneOfRule('api-server', 'pushes'), default: 'api-server' },
  groups: { rule: listRule(optionsRule<LabeledGroup>(LABELED_GROUP)), default: undefined },
} satisfies OptionTable<NodeAdmissionProps>;

type AdmissionOptions = Options<NodeAdmissionProps, typeof NODE_ADMISSION_OPTIONS>;

const PORTS = { http: 8080, metrics: 8081 };
const PROGRAM_DIR = '/opt/node-admission';
const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * A server that decides whether a node with a valid client certificate may push. The server watches the nodes of the
 * cluster and the ConfigMap `denied-nodes`. The server refuses nodes that were deleted from the cluster, and denied
 * nodes. The guards of an ingress ask this server for each request. To use the server, pass it as the option
 * `nodeAdmission` to `BasicAuthIngress`.
 */
export class NodeAdmission extends Construct implements NodeAdmissionServer, ScrapeTarget {
  readonly component = 'cloud-node-admission';
  readonly admissionAddress: string;
  readonly admissionServer: NetworkServer;
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];

  /**
   * @throws InvalidOptionError when an option is invalid, or when `groups` is set and `membership` is not
   * "api-server".
   */
  constructor(scope: Construct, id: string, props: NodeAdmissionProps = {}) {
    super(scope, id);
    const options = validateAndApplyDefaults(this, props, NODE_ADMISSION_OPTIONS);
    if (options.groups && options.membership !== 'api-server') {
      throw optionError(
        this,
        'the option "groups" is set, but the option "membership" is "pushes", and only the API server knows the labels of nodes: set membership to "api-server", or remove the option "groups"',
      );
    }
    const workload = createNodeAdmissionWorkload(this, options);
    this.admissionAddress = workload.serviceAddress('http');
    this.admissionServer = workload.serverForNetworkPolicies('http');
    this.scrapeServers = [workload.serverForNetworkPolicies('metrics')];
    this.scrapeConfigs = [
      {
        job_name: workload.name,
        dns_sd_configs: [
          {
            names: [`${headlessServiceName(workload.name)}.${workload.namespace}.svc`],
            type: 'A',
            port: PORTS.metrics,
          },
        ],
      },
    ];
  }
}

/**
 * Returns an RBAC rule that allows listing and watching a resource. With `resourceNames`, the rule only
 * allows access to the objects with these names. Clients must then select an object by name with a field
 * selector.
 */
const listAndWatchPermission = (resource: string, ...resourceNames: string[]): k8s.PolicyRule => ({
  apiGroups: [''],
  resources: [resource],
  ...(resourceNames.length > 0 && { resourceNames }),
  verbs: ['list', 'watch'],
});

const headlessServiceName = (name: string): string => `${name}-replicas`;

function createNodeAdmissionWorkload(scope: Construct, options: AdmissionOptions): CloudWorkload {
  const { name, namespace, membership, groups, resources } = options;
  const watchesNodes = membership === 'api-server';
  const env = {
    PORT: `${PORTS.http}`,
    METRICS_PORT: `${PORTS.metrics}`,
    NAMESPACE: namespace,
    DENIED_NODES,
    ...(watchesNodes && { WATCHES_NODES: 'true' }),
    ...(groups && { GROUPS: JSON.stringify(groups) }),
    SERVICE_ACCOUNT_DIR,
  };
  return new CloudWorkload(scope, 'Default', {
    name,
    namespace,
    image: 'node',
    uid: 65_534,
    replicas: 2,
    ports: PORTS,
    // Prometheus scrapes each pod separately, because each pod counts only the requests that it received.
    replicasService: headlessServiceName(name),
    permissions: [
      ...(watchesNodes ? [listAndWatchPermission('nodes')] : []),
      listAndWatchPermission('configmaps', DENIED_NODES),
    ],
    config: [{ name: 'program', mountPath: PROGRAM_DIR, files: () => ({ 'main.mjs': program }) }],
    container: {
      command: ['node', '--max-old-space-size=128', `${PROGRAM_DIR}/main.mjs`],
      env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
      resources,
      ...httpProbes({ ready: '/-/ready', live: '/-/healthy' }),
    },
  });
}
