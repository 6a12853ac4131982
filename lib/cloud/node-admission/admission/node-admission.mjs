// Which nodes may push.
import { X509Certificate } from 'node:crypto';
import { Metrics } from '../../../programs/metrics.mjs';
import { respond } from '../../../programs/server.mjs';
import { KubernetesApi } from './kubernetes-api.mjs';
import { WatchedList } from './watched-list.mjs';

/** What guards find wrong with a certificate before they ask. Others count as `other`. */
const FAULTS = ['expired', 'foreign', 'no_certificate', 'not_yet_valid', 'wrong_name'];

/** Maximum number of node names in counters: a client with a node's key can get a certificate for any name from CloudCore. */
const MOST_NAMED = 1_000;

/** The group of a node that is in none, as guards and receivers know it. */
const NO_GROUP = '-';

const METADATA = 'application/json;as=PartialObjectMetadata{suffix};g=meta.k8s.io;v=v1';

/**
 * @typedef {import('../../../programs/server.mjs').Request} Request
 * @typedef {import('../../../programs/server.mjs').Response} Response
 * @typedef {{ name: string, nodeSelector: Readonly<Record<string, string>> }} NodeGroup
 */

export class NodeAdmission {
  /** Groups of the nodes; undefined where other clusters' nodes push, too. @type {WatchedList<string> | undefined} */
  #nodes;
  /** @type {WatchedList<Record<string, string>>} */
  #denied;
  #named = new Set();
  #metrics = new Metrics('node_admission', {
    admitted_total: 'Requests that were admitted',
    refused_total: 'Requests that were refused, by reason and, where the certificate is valid, node',
    list_confirmed_timestamp_seconds: 'When the API server last confirmed a list',
    denied_nodes: 'Nodes in the list of denied nodes',
  });

  /** @param {NodeJS.ProcessEnv} environment */
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
      this.#nodes = new WatchedList(api, nodes, (node) => groupOf(node, groups), suspiciousLoss);
    }
  }

  follow() {
    this.#denied.follow();
    this.#nodes?.follow();
  }

  /** @param {Request} request @param {Response} response */
  answer = ({ url, headers }, response) => {
    if (url === '/-/healthy') return respond(response, 200, '');
    if (!this.#isReady) return respond(response, 503, 'the lists were not read yet');
    if (url === '/-/ready') return respond(response, 200, '');
    const { node = '', end = '', fault = '' } = headers;
    const reason = node ? this.#refusalOf(`${node}`, `${end}`) : knownFault(`${fault}`);
    if (reason)
      return this.#refuse(response, reason, reason === 'denied' || reason === 'deleted' ? `${node}` : '');
    this.#metrics.add('admitted_total');
    const group = this.#nodes?.values?.get(`${node}`);
    response.writeHead(204, group ? { Group: group } : {}).end();
  };

  /** @param {Request} _ @param {Response} response */
  show = (_, response) => {
    for (const [list, { confirmed }] of Object.entries(this.#lists)) {
      this.#metrics.set('list_confirmed_timestamp_seconds', confirmed, { list });
    }
    this.#metrics.set('denied_nodes', this.#deniedNames.length);
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

  /** @param {string} node @param {string} end @returns {string} empty where it may push */
  #refusalOf(node, end) {
    if (hasEnded(end)) return 'expired';
    for (const data of this.#denied.values?.values() ?? []) if (Object.hasOwn(data, node)) return 'denied';
    return this.#nodes?.values?.has(node) === false ? 'deleted' : '';
  }

  /** @param {Response} response @param {string} reason @param {string} node */
  #refuse(response, reason, node) {
    if (this.#named.size < MOST_NAMED) this.#named.add(node);
    this.#metrics.add('refused_total', { reason, node: this.#named.has(node) ? node : '' });
    response.writeHead(401, { Refused: reason }).end();
  }
}

/**
 * Returns the name of the first group whose labels a node has; an empty text if there are no groups.
 * @param {{ metadata: { labels?: Record<string, string> } }} node @param {readonly NodeGroup[]} groups
 */
export function groupOf({ metadata: { labels = {} } }, groups) {
  if (groups.length === 0) return '';
  const own = groups.find(({ nodeSelector }) =>
    Object.entries(nodeSelector).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value),
  );
  return own?.name ?? NO_GROUP;
}

/**
 * An open connection or a resumed TLS session lasts longer than the certificate that was verified when they began.
 * @param {string} end a time in OpenSSL's notation, or the certificate in escaped PEM
 */
function hasEnded(end) {
  const time = end.startsWith('-----') ? new X509Certificate(decodeURIComponent(end)).validTo : end;
  return Date.parse(time) < Date.now();
}

/** @param {string} fault */
const knownFault = (fault) => (FAULTS.includes(fault) ? fault : 'other');

/**
 * A broken API server must not cut off the fleet.
 * @template V @param {Map<string, V>} next @param {Map<string, V> | undefined} before
 */
export function suspiciousLoss(next, before) {
  const lost = [...(before?.keys() ?? [])].filter((name) => !next.has(name)).length;
  if (next.size > 0 && lost <= (before?.size ?? 0) / 2) return undefined;
  return `a list of ${next.size} nodes that lacks ${lost} of ${before?.size ?? 0} is not believed`;
}
