import { formatNodeLabels, formatResourceRequests } from '../synthesis/summary';
import type { EnvironmentInventory, Inventory, WorkloadRequests } from './inventory';
import type { Permission } from './permissions';

/** Formats an inventory for a terminal. */
export function formatInventory({ images, environments }: Inventory): string {
  return [
    `${images.length} images`,
    ...images.map(({ image, source }) => `  ${image}${source === undefined ? '' : ` from ${source}`}`),
    ...environments.flatMap(formatEnvironmentInventory),
    '',
  ].join('\n');
}

function formatEnvironmentInventory(inventory: EnvironmentInventory): string[] {
  const { environment, cloud, eachCloudNode, eachEdgeNode, permissions, endpoints } = inventory;
  return [
    '',
    `${environment}: CPU and memory requests`,
    `  cloud components: ${formatTotalResourceRequests(cloud)}, ${Math.round(cloud.storage / 2 ** 30)}Gi of volumes`,
    `  each cloud node: ${formatTotalResourceRequests(eachCloudNode)}`,
    ...eachEdgeNode.map(
      (node) =>
        `  each edge node on ${node.architectures.join(' and ')}${formatNodeLabels(node)}: ${formatTotalResourceRequests(node)}`,
    ),
    `${environment}: endpoints reachable from outside`,
    ...endpoints.map(
      ({ address, paths, by, tlsSecret }) =>
        `  ${address}${paths ? ` ${paths.join(' ')}` : ''} (${by}${tlsSecret ? `, TLS by Secret ${tlsSecret}` : ''})`,
    ),
    `${environment}: RBAC permissions`,
    ...permissions.flatMap(formatPermission),
  ];
}

function formatTotalResourceRequests(demand: WorkloadRequests): string {
  const { length } = demand.workloads;
  return length
    ? `${formatResourceRequests(demand)}, ${length} ${length === 1 ? 'workload' : 'workloads'}`
    : 'nothing';
}

function formatPermission({ subject, role, namespace, rules }: Permission): string[] {
  const where = namespace === undefined ? 'in the whole cluster' : `in ${namespace}`;
  return [
    `  ${subject} ${where} (${role})`,
    ...(rules
      ? rules.map((rule) => `    ${formatPermissionRule(rule)}`)
      : ['    unknown rules, because the manifests do not contain this role']),
  ];
}

function formatPermissionRule(rule: {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}): string {
  const { verbs = [], apiGroups = [], resources = [], nonResourceURLs = [] } = rule;
  const groups = apiGroups.filter(Boolean);
  const of = groups.length ? ` of ${groups.join(', ')}` : '';
  return `${verbs.join(', ')}: ${[...resources, ...nonResourceURLs].join(', ')}${of}`;
}
