import { Construct } from 'constructs';
import type { NetworkServer } from '../../contracts/network';
import { type NodeAdmission as AdmissionServer, DENIED_NODES } from '../../contracts/node-admission';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { cloudOptionTable } from '../../core/cloud-rules';
import { CloudWorkload } from '../../core/cloud-workload';
import type { k8s } from '../../core/k8s';
import { labels, labelValue, oneOf } from '../../core/option-rules';
import { type Options, type OptionTable, optionsOf, optionsRule } from '../../core/option-table';
import type { Resources } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { eachMember } from '../../core/structure-rules';
import { invalid } from '../../core/validation';
import program from './admission/main.mjs?bundle';

/** Properties for `NodeAdmission`. */
export interface NodeAdmissionProps {
  /** Name of the objects and of the scrape job. @default "cloud-node-admission" */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /**
   * Source of the list of nodes. With `api-server`, nodes that were deleted from the cluster are refused, or never
   * joined it; with `pushes`, nodes of other clusters push, too, and only denied nodes are refused.
   * @default "api-server"
   */
  readonly membership?: 'api-server' | 'pushes';
  /**
   * Groups of nodes, by their labels. Guards set the label `group` of what a node sends to the first group whose labels the node
   * has, and remove it for a node without the labels of any group. Only with `membership: 'api-server'`.
   * @default - none; nodes state their group themselves
   */
  readonly groups?: readonly LabeledGroup[];
  /** @default - requests: 10m CPU, 64Mi memory; limit: 192Mi memory */
  readonly resources?: Resources;
}

/** A group of nodes, by its labels. */
export interface LabeledGroup {
  /** Value of the label `group` of metrics and log lines. */
  readonly name: string;
  /** Labels of the group's nodes; empty for all nodes that are in no earlier group. */
  readonly nodeSelector: Readonly<Record<string, string>>;
}

/** The fields of a group. */
const LABELED_GROUP = {
  name: { rule: labelValue },
  nodeSelector: { rule: labels },
} satisfies OptionTable<LabeledGroup>;

/** The options of `NodeAdmission`. */
export const NODE_ADMISSION_OPTIONS = {
  ...cloudOptionTable('cloud-node-admission', { cpu: '10m', memory: '64Mi', memoryLimit: '192Mi' }),
  membership: { rule: oneOf('api-server', 'pushes'), default: 'api-server' },
  groups: { rule: eachMember(optionsRule<LabeledGroup>(LABELED_GROUP)), default: undefined },
} satisfies OptionTable<NodeAdmissionProps>;

type AdmissionOptions = Options<NodeAdmissionProps, typeof NODE_ADMISSION_OPTIONS>;

const PORTS = { http: 8080, metrics: 8081 };
const PROGRAM_DIR = '/opt/node-admission';
const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Refuses nodes with valid certificates that were deleted from the cluster, or that are listed in the ConfigMap
 * `denied-nodes`. It watches both, and guards call it for each request: pass it to the option `nodeAdmission` of
 * `BasicAuthIngress`.
 */
export class NodeAdmission extends Construct implements AdmissionServer, ScrapeTarget {
  readonly component = 'cloud-node-admission';
  readonly admissionAddress: string;
  readonly admissionServer: NetworkServer;
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];

  /** @throws InvalidOptionError when an option is invalid, or `groups` are given without the list of nodes. */
  constructor(scope: Construct, id: string, props: NodeAdmissionProps = {}) {
    super(scope, id);
    const options = optionsOf(this, props, NODE_ADMISSION_OPTIONS);
    if (options.groups && options.membership !== 'api-server') {
      throw invalid(
        this,
        "groups need membership 'api-server', since only the API server knows the labels of nodes: remove groups, or set membership to 'api-server'",
      );
    }
    const workload = makeNodeAdmissionWorkload(this, options);
    this.admissionAddress = workload.address('http');
    this.admissionServer = workload.server('http');
    this.scrapeServers = [workload.server('metrics')];
    this.scrapeConfigs = [
      {
        job_name: workload.name,
        dns_sd_configs: [
          {
            names: [`${replicasServiceName(workload.name)}.${workload.namespace}.svc`],
            type: 'A',
            port: PORTS.metrics,
          },
        ],
      },
    ];
  }
}

/** A list or watch of a single object needs its name as field selector. */
const watchRule = (resource: string, ...resourceNames: string[]): k8s.PolicyRule => ({
  apiGroups: [''],
  resources: [resource],
  ...(resourceNames.length > 0 && { resourceNames }),
  verbs: ['list', 'watch'],
});

const replicasServiceName = (name: string): string => `${name}-replicas`;

function makeNodeAdmissionWorkload(scope: Construct, options: AdmissionOptions): CloudWorkload {
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
    // Each replica has counters of its own.
    replicasService: replicasServiceName(name),
    permissions: [...(watchesNodes ? [watchRule('nodes')] : []), watchRule('configmaps', DENIED_NODES)],
    config: [{ name: 'program', mountPath: PROGRAM_DIR, files: () => ({ 'main.mjs': program }) }],
    container: {
      command: ['node', '--max-old-space-size=128', `${PROGRAM_DIR}/main.mjs`],
      env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
      resources,
      ...httpProbes({ ready: '/-/ready', live: '/-/healthy' }),
    },
  });
}
