// A list of Kubernetes objects that a watch keeps up to date. While the API server is unavailable, the list
// keeps its last state.
import { setTimeout as sleep } from 'node:timers/promises';
import { StateLog } from '../../../programs/state-log.mjs';

/**
 * Time in seconds after which the API server ends a watch, and the client starts a new watch. The time is short, so
 * that a connection that breaks without an error is noticed soon: the watched list is at most about a minute old.
 */
const WATCH_SECONDS = 20;
/**
 * Delay in milliseconds after the planned end of a watch (`WATCH_SECONDS`). If the API server has not ended
 * the watch after this delay, the client ends the watch.
 */
const LATE_MS = 5_000;

/** Maximum number of objects in a response to a list request. */
const PAGE_SIZE = 500;

/**
 * Pause between two watches in milliseconds. The pause limits the requests if a server or proxy closes each watch
 * immediately.
 */
const PAUSE_MS = 200;

/** Option of a timer that does not keep the process running. */
const UNREF_TIMER = { ref: false };

/**
 * Shortest and longest pause before the objects are listed again, in milliseconds. The pause doubles with
 * each failure.
 */
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8_000;

/**
 * @typedef {{ type: string, object: any }} WatchEvent
 * @typedef {{ path: string, query?: string, accept: string }} Source
 */

/** A list of Kubernetes objects that is kept up to date by a watch of the API server. @template V */
export class WatchedList {
  /** Value of each object, by the name of the object. @type {Map<string, V> | undefined} */
  #values;
  /**
   * Time at which the API server last confirmed the list, in seconds since 1970. 0 before the first response.
   */
  confirmedSeconds = 0;
  #api;
  #source;
  #extractValue;
  #listProblem;
  #log;

  /**
   * Creates the list, without reading objects yet.
   * @param {import('./kubernetes-api.mjs').KubernetesApi} api
   * @param {Source} source path and query of the objects, and the header `Accept`
   * @param {(object: any) => V} extractValue returns the value to keep for an object
   * @param {(next: Map<string, V>, known: Map<string, V> | undefined) => string | undefined} [listProblem] returns
   * why a new list cannot be right, or undefined; if there is a reason, the known values stay, and new values are added
   */
  constructor(api, source, extractValue, listProblem = () => undefined) {
    this.#api = api;
    this.#source = source;
    this.#extractValue = extractValue;
    this.#listProblem = listProblem;
    this.#log = new StateLog((line) => console.log(line), source.path);
  }

  /**
   * Value of each object, by the name of the object.
   * @returns {ReadonlyMap<string, V> | undefined} `undefined` until the objects were listed for the first
   * time
   */
  get values() {
    return this.#values;
  }

  /** Lists the objects, then watches their changes, until the process ends. Retries after errors. */
  async listAndWatch() {
    for (let retry = FIRST_RETRY_MS; ; retry = Math.min(2 * retry, LAST_RETRY_MS)) {
      try {
        let version = await this.#listObjectsAndReplaceValues();
        retry = FIRST_RETRY_MS;
        this.#log.logStateChange('is watched');
        for (;;) {
          version = await this.#watchChanges(version);
          await sleep(PAUSE_MS, undefined, UNREF_TIMER);
        }
      } catch (error) {
        // All objects are listed again after an expired resource version (410), a restart of the API server
        // or a broken connection.
        this.#log.logStateChange(`is listed again: ${error.message}`);
      }
      await sleep(retry, undefined, UNREF_TIMER);
    }
  }

  /**
   * Lists all objects, and replaces the values.
   * @returns {Promise<string>} resource version of the list, from which a watch starts
   */
  async #listObjectsAndReplaceValues() {
    const next = new Map();
    let token = '';
    for (;;) {
      const { items, metadata } = await this.#api.getJson(
        this.#buildRequestUrl({ limit: `${PAGE_SIZE}`, continue: token }),
        this.#buildAcceptHeader('List'),
      );
      for (const item of items) next.set(item.metadata.name, this.#extractValue(item));
      token = metadata.continue ?? '';
      if (token) continue;
      this.#replaceValuesIfPlausible(next);
      return metadata.resourceVersion;
    }
  }

  /**
   * Replaces the values by the values of the listed objects. If the new list cannot be right, adds its values to the
   * known values instead.
   * @param {Map<string, V>} next values of the listed objects
   * @throws {Error} if the new list cannot be right
   */
  #replaceValuesIfPlausible(next) {
    const problem = this.#listProblem(next, this.#values);
    if (problem === undefined) {
      this.#values = next;
      this.#recordConfirmationTime();
      return;
    }
    if (this.#values) this.#values = new Map([...this.#values, ...next]);
    throw new Error(problem);
  }

  /**
   * Applies changes of the objects until the API server ends the watch.
   * @param {string} version resource version to start from
   * @returns {Promise<string>} resource version of the last change
   */
  async #watchChanges(version) {
    const limits = {
      watch: '1',
      allowWatchBookmarks: 'true',
      timeoutSeconds: `${WATCH_SECONDS}`,
      resourceVersion: version,
    };
    const signal = AbortSignal.timeout(WATCH_SECONDS * 1_000 + LATE_MS);
    const events = await this.#api.openResponseStream(
      this.#buildRequestUrl(limits),
      this.#buildAcceptHeader(''),
      signal,
    );
    this.#recordConfirmationTime();
    let last = version;
    let rest = '';
    for await (const part of events) {
      const lines = `${rest}${part}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) last = this.#applyWatchEvent(JSON.parse(line));
    }
    return last;
  }

  /**
   * Applies an event of the watch to the values.
   * @param {WatchEvent} event
   * @returns {string} resource version of the event
   * @throws {Error} if the event is an error, such as an expired resource version
   */
  #applyWatchEvent({ type, object }) {
    if (type === 'ERROR') throw new Error(`${object.code} ${object.message}`);
    const { name, resourceVersion } = object.metadata;
    if (type === 'DELETED') this.#values?.delete(name);
    else if (type !== 'BOOKMARK') this.#values?.set(name, this.#extractValue(object));
    this.#recordConfirmationTime();
    return resourceVersion;
  }

  /** Records the current time as the time at which the API server last confirmed the list. */
  #recordConfirmationTime() {
    this.confirmedSeconds = Date.now() / 1_000;
  }

  /**
   * Returns the path with the query of a request. Parameters with an empty value are omitted.
   * @param {Record<string, string>} parameters query parameters, in addition to the query of the source
   */
  #buildRequestUrl(parameters) {
    const given = Object.entries(parameters).filter(([, value]) => value !== '');
    return `${this.#source.path}?${new URLSearchParams([...given, ...new URLSearchParams(this.#source.query)])}`;
  }

  /**
   * Returns the value of the header `Accept`.
   * @param {'List' | ''} suffix `List` to list objects, empty to watch objects
   */
  #buildAcceptHeader(suffix) {
    return this.#source.accept.replace('{suffix}', suffix);
  }
}
