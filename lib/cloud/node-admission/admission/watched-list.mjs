// Keeps a list from the API server up to date with a watch, and keeps its last state while the API server is
// unavailable.
import { setTimeout as sleep } from 'node:timers/promises';
import { StateLog } from '../../../programs/state-log.mjs';

/** The API server ends a watch after this time, so that a dead connection is noticed and changes are seen within a minute. */
const WATCH_SECONDS = 20;
const LATE_MS = 5_000;

/** Maximum number of objects per response. */
const PAGE = 500;

/** Pause between two watches, because a server or a proxy may close each watch at once. */
const PAUSE_MS = 200;

/** The timers do not keep the process running. */
const BACKGROUND = { ref: false };

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8_000;

/**
 * @typedef {{ type: string, object: any }} WatchEvent
 * @typedef {{ path: string, query?: string, accept: string }} Source
 */

/** @template V */
export class WatchedList {
  /** Values by name of the object. @type {Map<string, V> | undefined} */
  #values;
  /** Time of the last response of the API server, in seconds since 1970. */
  confirmed = 0;
  #api;
  #source;
  #valueFrom;
  #doubt;
  #log;

  /**
   * @param {import('./kubernetes-api.mjs').KubernetesApi} api @param {Source} source
   * @param {(object: any) => V} valueFrom what is kept of an object
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

  /** @returns {ReadonlyMap<string, V> | undefined} undefined until it was read once */
  get values() {
    return this.#values;
  }

  /** Lists and watches until the process ends. */
  async follow() {
    for (let retry = FIRST_RETRY_MS; ; retry = Math.min(2 * retry, LAST_RETRY_MS)) {
      try {
        let version = await this.#list();
        retry = FIRST_RETRY_MS;
        this.#log.report('is followed');
        for (;;) {
          version = await this.#watch(version);
          await sleep(PAUSE_MS, undefined, BACKGROUND);
        }
      } catch (error) {
        // After an expired version (410), a restart of the API server or a broken connection, all objects are listed
        // again.
        this.#log.report(`is listed again: ${error.message}`);
      }
      await sleep(retry, undefined, BACKGROUND);
    }
  }

  /** @returns {Promise<string>} the version of the list, from which on it is watched */
  async #list() {
    const next = new Map();
    let token = '';
    for (;;) {
      const { items, metadata } = await this.#api.get(
        this.#url({ limit: `${PAGE}`, continue: token }),
        this.#accept('List'),
      );
      for (const item of items) next.set(item.metadata.name, this.#valueFrom(item));
      token = metadata.continue ?? '';
      if (token) continue;
      this.#take(next);
      return metadata.resourceVersion;
    }
  }

  /** @param {Map<string, V>} next */
  #take(next) {
    const doubt = this.#doubt(next, this.#values);
    if (doubt === undefined) {
      this.#values = next;
      this.#confirm();
      return;
    }
    if (this.#values) this.#values = new Map([...this.#values, ...next]);
    throw new Error(doubt);
  }

  /** @param {string} version @returns {Promise<string>} that of the last event */
  async #watch(version) {
    const limits = {
      watch: '1',
      allowWatchBookmarks: 'true',
      timeoutSeconds: `${WATCH_SECONDS}`,
      resourceVersion: version,
    };
    const signal = AbortSignal.timeout(WATCH_SECONDS * 1_000 + LATE_MS);
    const events = await this.#api.open(this.#url(limits), this.#accept(''), signal);
    this.#confirm();
    let last = version;
    let rest = '';
    for await (const part of events) {
      const lines = `${rest}${part}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) last = this.#apply(JSON.parse(line));
    }
    return last;
  }

  /** @param {WatchEvent} event @returns {string} its version */
  #apply({ type, object }) {
    if (type === 'ERROR') throw new Error(`${object.code} ${object.message}`);
    const { name, resourceVersion } = object.metadata;
    if (type === 'DELETED') this.#values?.delete(name);
    else if (type !== 'BOOKMARK') this.#values?.set(name, this.#valueFrom(object));
    this.#confirm();
    return resourceVersion;
  }

  #confirm() {
    this.confirmed = Date.now() / 1_000;
  }

  /** @param {Record<string, string>} parameters */
  #url(parameters) {
    const given = Object.entries(parameters).filter(([, value]) => value !== '');
    return `${this.#source.path}?${new URLSearchParams([...given, ...new URLSearchParams(this.#source.query)])}`;
  }

  /** @param {'List' | ''} suffix */
  #accept(suffix) {
    return this.#source.accept.replace('{suffix}', suffix);
  }
}
