// HTTP handlers of node admission: decide whether a node may push, and serve metrics.
import { X509Certificate } from 'node:crypto';
import { Metrics } from '../../../programs/metrics.mjs';
import { sendResponse } from '../../../programs/server.mjs';
import { KubernetesApi } from './kubernetes-api.mjs';
import { WatchedList } from './watched-list.mjs';

/** Problems of a certificate that guards report in the header `fault`. Any other value counts as `other`. */
const FAULTS = ['expired', 'foreign', 'no_certificate', 'not_yet_valid', 'wrong_name'];

/**
 * Maximum number of node names in metrics. Without the limit, the number of names could grow without bounds:
 * with the key of a node, a client can get certificates for any name from CloudCore.
 */
const MOST_NAMES = 1_000;

/** Value of the header `Group` for a node that belongs to no group. */
const NO_GROUP = '-';

const METADATA = 'application/json;as=PartialObjectMetadata{suffix};g=meta.k8s.io;v=v1';

/**
 * @typedef {import('../../../programs/server.mjs').Request} Request
 * @typedef {import('../../../programs/server.mjs').Response} Response
 * @typedef {{ name: string, nodeSelector: Readonly<Record<string, string>> }} NodeGroup
 */

/** HTTP handlers of node admission. The handlers decide for each request of a guard whether a node may push. */
export class NodeAdmissionHandlers {
  /**
   * Name of the node group of each node in the cluster, by the name of the node. `undefined` if nodes of
   * other clusters may also push.
   * @type {WatchedList<string> | undefined}
   */
  #nodes;
  /**
   * Denied nodes: the data of a ConfigMap. The keys of the data are node names.
   * @type {WatchedList<Record<string, string>>}
   */
  #denied;
  #namesInMetrics = new Set();
  #metrics = new Metrics('node_admission', {
    admitted_total: 'Requests that were admitted, because the node may push',
    refused_total:
      'Requests that were refused, by reason and node; the label node is empty if the certificate is invalid',
    list_confirmed_timestamp_seconds:
      'Unix time when the API server last confirmed the list of nodes, or the list of denied nodes',
    denied_nodes: 'Number of denied nodes',
  });

  /** Creates the handlers from environment variables. @param {NodeJS.ProcessEnv} environment */
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
        (node) => findNodeGroupName(node, groups),
        implausibleNodeListProblem,
      );
    }
  }

  /**
   * Starts to watch the list of denied nodes. If only nodes of this cluster may push, also watches the nodes of the
   * cluster.
   */
  startWatchingLists() {
    this.#denied.listAndWatch();
    this.#nodes?.listAndWatch();
  }

  /**
   * Handles the request of a guard. Responds with 204 if the node may push, with 401 if the node is refused,
   * and with 503 until the lists of nodes are loaded. Also handles probes.
   * @param {Request} request
   * @param {Response} response
   */
  handleRequest = ({ url, headers }, response) => {
    if (url === '/-/healthy') return sendResponse(response, 200, '');
    if (!this.#isReady) return sendResponse(response, 503, 'the lists of nodes are not loaded yet');
    if (url === '/-/ready') return sendResponse(response, 200, '');
    const { node = '', end = '', fault = '' } = headers;
    const reason = node
      ? this.#refusalReason(`${node}`, `${end}`)
      : replaceUnknownCertificateFault(`${fault}`);
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

  /** Handles a scrape of the metrics about node admission. @param {Request} _ @param {Response} response */
  handleMetricsRequest = (_, response) => {
    for (const [list, { confirmedSeconds }] of Object.entries(this.#lists)) {
      this.#metrics.setGauge('list_confirmed_timestamp_seconds', confirmedSeconds, { list });
    }
    this.#metrics.setGauge('denied_nodes', this.#deniedNames.length);
    sendResponse(response, 200, `${this.#metrics}`);
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
   * Returns why a node must not push: `expired`, `denied` or `deleted`. Returns an empty text if the node may
   * push.
   * @param {string} node name of the node
   * @param {string} end expiry time of the node's certificate, or the certificate in URL-encoded PEM
   * @returns {string}
   */
  #refusalReason(node, end) {
    if (hasCertificateExpired(end)) return 'expired';
    for (const data of this.#denied.values?.values() ?? []) if (Object.hasOwn(data, node)) return 'denied';
    return this.#nodes?.values?.has(node) === false ? 'deleted' : '';
  }

  /**
   * Responds with 401, and counts the refusal.
   * @param {Response} response
   * @param {string} reason why the node is refused
   * @param {string} node name for the counter; empty if the certificate is invalid
   */
  #refuseRequest(response, reason, node) {
    if (this.#namesInMetrics.size < MOST_NAMES) this.#namesInMetrics.add(node);
    this.#metrics.addToCounter('refused_total', { reason, node: this.#namesInMetrics.has(node) ? node : '' });
    response.writeHead(401, { Refused: reason }).end();
  }
}

/**
 * Returns the name of the first group that selects a node by its labels. Returns `-` if no group selects the
 * node, and an empty text if there are no groups.
 * @param {{ metadata: { labels?: Record<string, string> } }} node object of the API server
 * @param {readonly NodeGroup[]} groups
 */
export function findNodeGroupName({ metadata: { labels = {} } }, groups) {
  if (groups.length === 0) return '';
  const own = groups.find(({ nodeSelector }) =>
    Object.entries(nodeSelector).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value),
  );
  return own?.name ?? NO_GROUP;
}

/**
 * Returns whether a certificate has expired. A guard only checks the certificate when a TLS session begins,
 * but the session can last longer than the certificate is valid.
 * @param {string} end expiry time of the certificate, in OpenSSL's format; or the certificate in URL-encoded
 * PEM
 */
function hasCertificateExpired(end) {
  const time = end.startsWith('-----') ? new X509Certificate(decodeURIComponent(end)).validTo : end;
  return Date.parse(time) < Date.now();
}

/** Returns a known fault of a certificate unchanged, and `other` for an unknown fault. @param {string} fault */
const replaceUnknownCertificateFault = (fault) => (FAULTS.includes(fault) ? fault : 'other');

/**
 * Returns an error message if a new list of nodes is empty, or lacks more than half of the known nodes.
 * Otherwise returns `undefined`. If there is an error, the known nodes can still push, so that a broken API
 * server does not lock out the fleet.
 * @template V
 * @param {Map<string, V>} next new list: a value for each node name
 * @param {Map<string, V> | undefined} before known nodes
 */
export function implausibleNodeListProblem(next, before) {
  const lost = [...(before?.keys() ?? [])].filter((name) => !next.has(name)).length;
  if (next.size > 0 && lost <= (before?.size ?? 0) / 2) return undefined;
  return `the API server returned only ${next.size} nodes, and ${lost} of ${before?.size ?? 0} known nodes are missing: no known node is removed`;
}
