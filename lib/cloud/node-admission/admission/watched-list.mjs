// A list of Kubernetes objects that is kept up to date by a watch. While the API server is unavailable, the
// list keeps its last state.
import { setTimeout as sleep } from 'node:timers/promises';
import { StateLog } from '../../../programs/state-log.mjs';

/**
 * Time after which the API server ends a watch. It is short, so that a dead connection is noticed and changes
 * arrive within a minute.
 */
const WATCH_SECONDS = 20;
const LATE_MS = 5_000;

/** Maximum number of objects per response. */
const PAGE = 500;

/** Pause between two watches, for a server or proxy that closes each watch immediately. */
const PAUSE_MS = 200;

/** Option for timers that do not keep the process running. */
const BACKGROUND = { ref: false };

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8_000;

/**
 * @typedef {{ type: string, object: any }} WatchEvent
 * @typedef {{ path: string, query?: string, accept: string }} Source
 */

/** A list of Kubernetes objects that is kept up to date by a watch of the API server. @template V */
export class WatchedList {
  /** Values by the name of the object. @type {Map<string, V> | undefined} */
  #values;
  /** Time of the last response of the API server, in seconds since 1970. */
  confirmed = 0;
  #api;
  #source;
  #valueFrom;
  #doubt;
  #log;

  /**
   * Creates the list, without reading objects yet.
   * @param {import('./kubernetes-api.mjs').KubernetesApi} api @param {Source} source
   * @param {(object: any) => V} valueFrom returns the value to keep for an object
   * @param {(next: Map<string, V>, known: Map<string, V> | undefined) => string | undefined} [doubt] why a list is not
   * believed; the list then keeps its known names, and adds the new ones
   */
  constructor(api, source, valueFrom, doubt = () => undefined) {
    this.#api = api;
    this.#source = source;
    this.#valueFrom = valueFrom;
    this.#doubt = doubt;
    this.#log = new StateLog((line) => console.log(line), source.path);
  }

  /**
   * Values by the name of the object.
   * @returns {ReadonlyMap<string, V> | undefined} undefined until the list was loaded
   */
  get values() {
    return this.#values;
  }

  /** Lists and watches until the process ends. */
  async listAndWatch() {
    for (let retry = FIRST_RETRY_MS; ; retry = Math.min(2 * retry, LAST_RETRY_MS)) {
      try {
        let version = await this.#listObjects();
        retry = FIRST_RETRY_MS;
        this.#log.logState('is followed');
        for (;;) {
          version = await this.#watchChanges(version);
          await sleep(PAUSE_MS, undefined, BACKGROUND);
        }
      } catch (error) {
        // All objects are listed again after an expired resource version (410), a restart of the API server
        // or a broken connection.
        this.#log.logState(`is listed again: ${error.message}`);
      }
      await sleep(retry, undefined, BACKGROUND);
    }
  }

  /**
   * Lists all objects.
   * @returns {Promise<string>} resource version of the list, from which the watch starts
   */
  async #listObjects() {
    const next = new Map();
    let token = '';
    for (;;) {
      const { items, metadata } = await this.#api.getJson(
        this.#requestUrl({ limit: `${PAGE}`, continue: token }),
        this.#acceptHeader('List'),
      );
      for (const item of items) next.set(item.metadata.name, this.#valueFrom(item));
      token = metadata.continue ?? '';
      if (token) continue;
      this.#replaceValues(next);
      return metadata.resourceVersion;
    }
  }

  /**
   * Replaces the list by newly read objects. If the new list is doubtful, adds its objects to the known ones and throws an error.
   * @param {Map<string, V>} next
   */
  #replaceValues(next) {
    const doubt = this.#doubt(next, this.#values);
    if (doubt === undefined) {
      this.#values = next;
      this.#setConfirmedTime();
      return;
    }
    if (this.#values) this.#values = new Map([...this.#values, ...next]);
    throw new Error(doubt);
  }

  /**
   * Watches changes until the API server ends the watch.
   * @param {string} version resource version to start from
   * @returns {Promise<string>} resource version of the last event
   */
  async #watchChanges(version) {
    const limits = {
      watch: '1',
      allowWatchBookmarks: 'true',
      timeoutSeconds: `${WATCH_SECONDS}`,
      resourceVersion: version,
    };
    const signal = AbortSignal.timeout(WATCH_SECONDS * 1_000 + LATE_MS);
    const events = await this.#api.openStream(this.#requestUrl(limits), this.#acceptHeader(''), signal);
    this.#setConfirmedTime();
    let last = version;
    let rest = '';
    for await (const part of events) {
      const lines = `${rest}${part}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) last = this.#applyEvent(JSON.parse(line));
    }
    return last;
  }

  /**
   * Applies an event to the list.
   * @param {WatchEvent} event
   * @returns {string} resource version of the event
   */
  #applyEvent({ type, object }) {
    if (type === 'ERROR') throw new Error(`${object.code} ${object.message}`);
    const { name, resourceVersion } = object.metadata;
    if (type === 'DELETED') this.#values?.delete(name);
    else if (type !== 'BOOKMARK') this.#values?.set(name, this.#valueFrom(object));
    this.#setConfirmedTime();
    return resourceVersion;
  }

  #setConfirmedTime() {
    this.confirmed = Date.now() / 1_000;
  }

  /**
   * Returns the path of a request with its query. Parameters with an empty value are left out.
   * @param {Record<string, string>} parameters
   */
  #requestUrl(parameters) {
    const given = Object.entries(parameters).filter(([, value]) => value !== '');
    return `${this.#source.path}?${new URLSearchParams([...given, ...new URLSearchParams(this.#source.query)])}`;
  }

  /**
   * Returns the value of the header `Accept`. `List` is the suffix for requests of a whole list.
   * @param {'List' | ''} suffix
   */
  #acceptHeader(suffix) {
    return this.#source.accept.replace('{suffix}', suffix);
  }
}
