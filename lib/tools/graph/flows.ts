import { parse } from 'yaml';
import { POD_NAME_LABEL } from '../../core/labels';
import type { RenderedObject } from '../synthesis/render';
import { combineNodeGroupsWithSamePrograms, type DrawnWorkload } from './edge-groups';
import type { Flow, FlowGraph, Place } from './flow-graph';
import { findMentionedAddresses, type Mention, protocolOfRequestPath } from './mentions';
import { mergeFlows } from './merge-flows';
import {
  createExternalServiceGraphNode,
  EXTERNAL_SERVICE,
  OPERATOR_GRAFANA,
  prometheusOperatorFlows,
} from './operator-flows';
import { type PublicPath, publicPaths } from './public-paths';
import { findWorkloads } from './workload';

/** Workloads, public paths and Services of the manifests, for functions that find flows. */
interface FlowLookups {
  readonly workloads: readonly DrawnWorkload[];
  readonly paths: readonly PublicPath[];
  /** Returns the IDs of the workloads behind a Service, given as `namespace/name`. */
  readonly workloadIdsBehind: (service: string) => readonly string[];
  /** Returns whether the manifests create a Service, given as `namespace/name`. */
  readonly isCreated: (service: string) => boolean;
}

/** A flow that was found in the configuration of a program. */
interface FoundFlow extends Flow {
  /** The public path that the client requests. @default - the flow does not go through a public host */
  readonly publicPath?: PublicPath;
}

/** Node of the graph for the people who open the user interface of a public host in a browser. */
const PEOPLE: Place = { id: 'people', name: 'people', detail: 'with a browser' };

/** Label of the flows from Grafana to people: through a public host, or by `kubectl port-forward`. */
const DASHBOARDS_LABEL = 'dashboards';

/**
 * Node of the graph for business services that push to a public path. Business services are not part of the manifests.
 */
const BUSINESS_SERVICES: Place = {
  id: 'programs',
  name: 'business services',
  detail: 'programs of your own',
};

/**
 * Creates the graph of the data flow of an environment. Derives flows from the addresses in the configuration of each
 * program, and from the paths of the public hosts.
 */
export function createFlowGraph(objects: readonly RenderedObject[]): FlowGraph {
  const workloads = combineNodeGroupsWithSamePrograms(findWorkloads(objects));
  const site = {
    workloads,
    paths: publicPaths(objects),
    workloadIdsBehind: (service: string) => findWorkloadIdsOfService(service, objects, workloads),
    isCreated: (service: string) => findService(objects, service) !== undefined,
  };
  const sent = workloads.flatMap((workload) => flowsInConfigurationOfWorkload(workload, site));
  const flows = mergeFlows([
    ...sent,
    ...site.paths.flatMap((path) => flowsThroughPublicHost(path, sent, site)),
    ...workloads.flatMap((workload) => portForwardFlows(workload, site)),
    ...prometheusOperatorFlows(objects, [...new Set(sent.map(({ to }) => to))], (mention) =>
      workloadIdsOfMentionedAddress('cloud', mention, site),
    ),
  ]);
  const used = new Set(flows.flatMap(({ from, to }) => [from, to]));
  return {
    places: [
      ...workloads.map(({ ids: [id = ''], name, programs, frame }) => ({
        ...{ id, name, frame },
        detail: formatPrograms(name, programs),
      })),
      ...[...new Set([...used].filter((id) => id.startsWith('host:')))].map((id) =>
        createHostGraphNode(id, site),
      ),
      ...[...used].filter((id) => id.startsWith('receiver:')).map(createAlertReceiverGraphNode),
      ...[...used].filter((id) => id.startsWith(EXTERNAL_SERVICE)).map(createExternalServiceGraphNode),
      ...[OPERATOR_GRAFANA, PEOPLE, BUSINESS_SERVICES].filter(({ id }) => used.has(id)),
    ],
    flows,
  };
}

/** Joins the names of the programs of a workload. Omits a program that has the same name as the workload. */
const formatPrograms = (name: string, programs: readonly string[]): string =>
  [...new Set(programs)].filter((program) => program !== name).join(', ');

function createHostGraphNode(id: string, { paths }: FlowLookups): Place {
  const host = id.slice('host:'.length);
  return {
    id,
    name: host,
    detail: paths.some((path) => path.host === host) ? 'TLS, passwords' : 'external',
  };
}

const createAlertReceiverGraphNode = (id: string): Place => ({
  id,
  name: id.slice('receiver:'.length),
  detail: 'receiver of alerts',
});

function findWorkloadIdsOfService(
  service: string,
  objects: readonly RenderedObject[],
  workloads: readonly DrawnWorkload[],
): readonly string[] {
  const [namespace] = service.split('/');
  const selector = findService(objects, service)?.manifest.spec.selector;
  if (!selector) return [];
  return workloads
    .filter((one) => one.namespace === namespace)
    .filter(({ labels }) =>
      Object.entries(selector).every(([key, value]) => key === POD_NAME_LABEL || labels[key] === value),
    )
    .flatMap(({ ids: [id = ''] }) => id);
}

/** Finds a Service by `namespace/name`. Returns `undefined` if the manifests do not create the Service. */
function findService(objects: readonly RenderedObject[], service: string): RenderedObject | undefined {
  const [namespace, name] = service.split('/');
  return objects.find(
    ({ manifest: { kind, metadata } }) =>
      kind === 'Service' && metadata.namespace === namespace && metadata.name === name,
  );
}

/**
 * Service of the Kubernetes API server. Graphs omit this Service, because no metrics or logs flow through the API
 * server.
 */
const API_SERVER = 'default/kubernetes';

function flowsInConfigurationOfWorkload(workload: DrawnWorkload, site: FlowLookups): FoundFlow[] {
  const self = workload.ids[0] ?? '';
  const mentioned = workload.texts
    .flatMap(findMentionedAddresses)
    .flatMap((mention) => flowsBetweenWorkloadAndAddress(self, workload, mention, site));
  return [...mentioned, ...workload.texts.flatMap((text) => alertReceiverFlows(self, text))];
}

function flowsBetweenWorkloadAndAddress(
  self: string,
  workload: DrawnWorkload,
  mention: Mention,
  site: FlowLookups,
): FoundFlow[] {
  const publicPath = mention.host === undefined ? undefined : findRequestedPath(mention, site.paths);
  if (publicPath && isPathServedByWorkload(self, publicPath, site)) return [];
  const label = publicPath ? protocolOfRequestPath(publicPath.path) : mention.protocol;
  return graphNodeIdsOfMentionedAddress(workload, mention, site)
    .filter((other) => other !== self)
    .map((other) =>
      mention.reads ? { from: other, to: self, label } : { from: self, to: other, label, publicPath },
    );
}

const isPathServedByWorkload = (self: string, { service }: PublicPath, { workloadIdsBehind }: FlowLookups) =>
  workloadIdsBehind(service).includes(self);

/**
 * Returns the public path that a client requests. A public path matches if it is a prefix of the path in the configuration of the
 * client, or if the path in the configuration is a prefix of the public path. Returns the shortest public path if several paths
 * match, and `undefined` if no path matches.
 */
function findRequestedPath({ host, path }: Mention, paths: readonly PublicPath[]): PublicPath | undefined {
  return paths
    .filter((one) => one.host === host && (one.path.startsWith(path) || path.startsWith(one.path)))
    .sort((one, other) => one.path.length - other.path.length)[0];
}

function graphNodeIdsOfMentionedAddress(
  { nodes, frame }: DrawnWorkload,
  mention: Mention,
  site: FlowLookups,
): readonly string[] {
  const { service, host } = mention;
  if (host !== undefined) return [`host:${host}`];
  const isElsewhere = service !== undefined && service !== API_SERVER && !site.isCreated(service);
  if (isElsewhere) return [`${EXTERNAL_SERVICE}${service}`];
  return workloadIdsOfMentionedAddress(nodes === 'edge' ? { frame } : 'cloud', mention, site);
}

/**
 * Returns the IDs of the workloads at an address (mention). If the address contains a Service, these are the workloads
 * behind the Service. Otherwise, these are the workloads on the nodes `on` that listen on the port of the address.
 * @param on `cloud`: each cloud node; `frame`: the nodes of a frame in the graph, such as `each edge node of north`
 */
function workloadIdsOfMentionedAddress(
  on: 'cloud' | { readonly frame: string },
  { service, port }: Mention,
  site: FlowLookups,
): readonly string[] {
  if (service !== undefined) return site.workloadIdsBehind(service);
  return site.workloads
    .filter((one) => port !== undefined && one.ports.includes(port))
    .filter(({ nodes, frame }) => (on === 'cloud' ? nodes === 'each cloud node' : frame === on.frame))
    .flatMap(({ ids: [id = ''] }) => id);
}

/**
 * Returns the flows from Alertmanager to its receivers. Returns an empty list if `text` is not a configuration of Alertmanager.
 * @param self ID of the workload with this configuration
 */
function alertReceiverFlows(self: string, text: string): FoundFlow[] {
  if (!/^route:/m.test(text) || !/^receivers:/m.test(text)) return [];
  const { receivers } = parse(text) as { receivers: readonly { readonly name: string }[] };
  return receivers
    .filter((receiver) => Object.keys(receiver).some((key) => key.endsWith('_configs')))
    .map(({ name }) => ({ from: self, to: `receiver:${name}`, label: 'alerts' }));
}

/**
 * Returns the flows through a public host to the Service of a path. If no workload requests the path, the client is a business
 * service. The path `/` is a user interface: data flows from the Service through the host to people.
 */
function flowsThroughPublicHost(
  path: PublicPath,
  sent: readonly FoundFlow[],
  { workloadIdsBehind }: FlowLookups,
): Flow[] {
  const host = `host:${path.host}`;
  const isShown = path.path === '/';
  const inside = workloadIdsBehind(path.service).map((id) =>
    isShown ? { from: id, to: host, label: DASHBOARDS_LABEL } : { from: host, to: id, label: path.path },
  );
  if (sent.some(({ publicPath }) => publicPath === path)) return inside;
  const outside = isShown
    ? { from: host, to: PEOPLE.id, label: DASHBOARDS_LABEL }
    : { from: BUSINESS_SERVICES.id, to: host, label: protocolOfRequestPath(path.path) };
  return [outside, ...inside];
}

/**
 * Returns the flow from Grafana to people who use `kubectl port-forward`. Returns an empty list if Grafana has a public
 * host, or if the workload is not Grafana.
 */
function portForwardFlows(
  { ids: [id = ''], programs }: DrawnWorkload,
  { paths, workloadIdsBehind }: FlowLookups,
): Flow[] {
  const isPublic = paths.some(({ service }) => workloadIdsBehind(service).includes(id));
  if (isPublic || !programs.includes('grafana')) return [];
  return [{ from: id, to: PEOPLE.id, label: `${DASHBOARDS_LABEL}, by kubectl port-forward` }];
}
