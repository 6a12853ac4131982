// HTTP handlers of node admission: decide whether a node may push, and serve metrics.
import { X509Certificate } from 'node:crypto';
import { Metrics } from '../../../programs/metrics.mjs';
import { respond } from '../../../programs/server.mjs';
import { KubernetesApi } from './kubernetes-api.mjs';
import { WatchedList } from './watched-list.mjs';

/**
 * Problems with a certificate that guards report in the header `fault`. Any other value counts as `other`.
 */
const FAULTS = ['expired', 'foreign', 'no_certificate', 'not_yet_valid', 'wrong_name'];

/**
 * Maximum number of node names in metrics. It is limited because a client with a node's key can get
 * certificates for any name from CloudCore.
 */
const MOST_NAMES = 1_000;

/** Value of the group header for a node that belongs to no group. */
const NO_GROUP = '-';

const METADATA = 'application/json;as=PartialObjectMetadata{suffix};g=meta.k8s.io;v=v1';

/**
 * @typedef {import('../../../programs/server.mjs').Request} Request
 * @typedef {import('../../../programs/server.mjs').Response} Response
 * @typedef {{ name: string, nodeSelector: Readonly<Record<string, string>> }} NodeGroup
 */

export class NodeAdmission {
  /**
   * Nodes of the cluster with their groups. Undefined if nodes of other clusters may also push. @type
   * {WatchedList<string> | undefined}
   */
  #nodes;
  /** @type {WatchedList<Record<string, string>>} */
  #denied;
  #named = new Set();
  #metrics = new Metrics('node_admission', {
    admitted_total: 'Requests that were admitted',
    refused_total:
      'Requests that were rejected, by reason and node; without a node if the certificate is invalid',
    list_confirmed_timestamp_seconds: 'Time when the API server last confirmed a list',
    denied_nodes: 'Number of nodes in the list of denied nodes',
  });

  /** Creates the admission from environment variables. @param {NodeJS.ProcessEnv} environment */
  constructor(environment) {
    const { NAMESPACE, DENIED_NODES, WATCHES_NODES, GROUPS = '[]' } = environment;
    const api = new KubernetesApi(environment);
    const list = {
      path: `/api/v1/namespaces/${NAMESPACE}/configmaps`,
      query: `fieldSelector=metadata.name=${DENIED_NODES}`,
    };
    this.#denied = new WatchedList(api, { ...list, accept: 'application/json' }, ({ data = {} }) => data);
    if (WATCHES_NODES) {
      const nodes = { path: '/api/v1/nodes', accept: METADATA };
      /** @type {readonly NodeGroup[]} */
      const groups = JSON.parse(GROUPS);
      this.#nodes = new WatchedList(
        api,
        nodes,
        (node) => findGroupName(node, groups),
        describeSuspiciousLoss,
      );
    }
  }

  watchLists() {
    this.#denied.listAndWatch();
    this.#nodes?.listAndWatch();
  }

  /**
   * Responds whether nginx may forward the request of a node: 204 or 401. Also responds to probes.
   * @param {Request} request @param {Response} response
   */
  handleRequest = ({ url, headers }, response) => {
    if (url === '/-/healthy') return respond(response, 200, '');
    if (!this.#isReady) return respond(response, 503, 'the lists of nodes are not loaded yet');
    if (url === '/-/ready') return respond(response, 200, '');
    const { node = '', end = '', fault = '' } = headers;
    const reason = node ? this.#refusalReason(`${node}`, `${end}`) : toKnownFault(`${fault}`);
    if (reason)
      return this.#refuseRequest(
        response,
        reason,
        reason === 'denied' || reason === 'deleted' ? `${node}` : '',
      );
    this.#metrics.addToCounter('admitted_total');
    const group = this.#nodes?.values?.get(`${node}`);
    response.writeHead(204, group ? { Group: group } : {}).end();
  };

  /** Responds to a scrape with the metrics of the admission. @param {Request} _ @param {Response} response */
  handleMetricsRequest = (_, response) => {
    for (const [list, { confirmed }] of Object.entries(this.#lists)) {
      this.#metrics.setGauge('list_confirmed_timestamp_seconds', confirmed, { list });
    }
    this.#metrics.setGauge('denied_nodes', this.#deniedNames.length);
    respond(response, 200, `${this.#metrics}`);
  };

  get #lists() {
    return { denied: this.#denied, ...(this.#nodes && { nodes: this.#nodes }) };
  }

  get #isReady() {
    return Object.values(this.#lists).every(({ values }) => values !== undefined);
  }

  get #deniedNames() {
    return [...(this.#denied.values?.values() ?? [])].flatMap(Object.keys);
  }

  /**
   * Returns why a node must not push.
   * @param {string} node
   * @param {string} end end of the certificate's validity
   * @returns {string} empty if the node may push
   */
  #refusalReason(node, end) {
    if (hasCertificateExpired(end)) return 'expired';
    for (const data of this.#denied.values?.values() ?? []) if (Object.hasOwn(data, node)) return 'denied';
    return this.#nodes?.values?.has(node) === false ? 'deleted' : '';
  }

  /**
   * Rejects the request of a node, and counts the rejection.
   * @param {Response} response @param {string} reason @param {string} node
   */
  #refuseRequest(response, reason, node) {
    if (this.#named.size < MOST_NAMES) this.#named.add(node);
    this.#metrics.addToCounter('refused_total', { reason, node: this.#named.has(node) ? node : '' });
    response.writeHead(401, { Refused: reason }).end();
  }
}

/**
 * Returns the name of the first group whose labels a node has; an empty text if there are no groups.
 * @param {{ metadata: { labels?: Record<string, string> } }} node @param {readonly NodeGroup[]} groups
 */
export function findGroupName({ metadata: { labels = {} } }, groups) {
  if (groups.length === 0) return '';
  const own = groups.find(({ nodeSelector }) =>
    Object.entries(nodeSelector).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value),
  );
  return own?.name ?? NO_GROUP;
}

/**
 * Returns whether a certificate has expired. Guards verify it only when a TLS session begins, and a session
 * may outlast the certificate.
 * @param {string} end end of validity in OpenSSL's notation, or the certificate in escaped PEM
 */
function hasCertificateExpired(end) {
  const time = end.startsWith('-----') ? new X509Certificate(decodeURIComponent(end)).validTo : end;
  return Date.parse(time) < Date.now();
}

/** Returns a known fault of a certificate unchanged, and `other` for an unknown fault. @param {string} fault */
const toKnownFault = (fault) => (FAULTS.includes(fault) ? fault : 'other');

/**
 * Returns an error message if a new list of nodes lacks more than half of the known nodes, or is empty;
 * otherwise undefined. Such a list is not applied, so that a broken API server cannot cut off the fleet.
 * @template V
 * @param {Map<string, V>} next
 * @param {Map<string, V> | undefined} before
 */
export function describeSuspiciousLoss(next, before) {
  const lost = [...(before?.keys() ?? [])].filter((name) => !next.has(name)).length;
  if (next.size > 0 && lost <= (before?.size ?? 0) / 2) return undefined;
  return `ignored a list of ${next.size} nodes, because ${lost} of ${before?.size ?? 0} known nodes are missing`;
}
