// Rules for grouping keys: which may be pushed to, and which labels are reserved for keys or forbidden.
import { requireExporterKey } from '../../../programs/grouping-key.mjs';
import { Refusal } from '../../../programs/server.mjs';

/** @typedef {Map<string, string>} Labels of a grouping key */

/** The group of a node that is in none. */
const NO_GROUP = '-';

export class KeyRules {
  #exportersOnly;
  #reservedJobs;
  #reservedLabels;
  #groupHeader;

  /** @param {NodeJS.ProcessEnv} environment */
  constructor({ EXPORTERS_ONLY = '', RESERVED_JOBS = '^$', RESERVED_LABELS = '', GROUP_HEADER = '' }) {
    this.#groupHeader = GROUP_HEADER.toLowerCase();
    this.#exportersOnly = EXPORTERS_ONLY !== '';
    this.#reservedJobs = new RegExp(RESERVED_JOBS);
    this.#reservedLabels = RESERVED_LABELS.split(',').filter(Boolean);
  }

  /** @param {Labels} labels @param {import('node:http').IncomingHttpHeaders} headers @throws {Refusal} */
  check(labels, headers) {
    if (this.#exportersOnly) requireExporterKey(labels);
    this.#requireGroup(labels.get('group'), headers[this.#groupHeader]);
    if (this.#reservedJobs.test(labels.get('job') ?? '')) {
      throw new Refusal(400, `the job ${labels.get('job')} is one that only the cloud has`, 'reserved');
    }
    const reserved = this.#reservedLabels.find((name) => labels.has(name));
    if (reserved) {
      throw new Refusal(400, `the label ${reserved} is set by the cloud: leave it out`, 'reserved');
    }
  }

  /**
   * @param {string | undefined} stated in the grouping key @param {string | string[] | undefined} certified by the guard
   * @throws {Refusal}
   */
  #requireGroup(stated, certified) {
    if (!certified || (stated ?? NO_GROUP) === certified) return;
    const remedy =
      certified === NO_GROUP ? 'leave out the label "group"' : `the label "group" must be ${certified}`;
    throw new Refusal(
      403,
      `the labels of the node in the cluster name another group: ${remedy}`,
      'foreign_group',
    );
  }

  /** Labels that are removed from the samples of a group. @param {Labels} labels @returns {Set<string>} */
  keyLabels(labels) {
    // Every key has these labels, so they never belong to a sample. `node` is derived from hostname.
    const ofKeys = this.#exportersOnly
      ? ['job', 'instance', 'hostname', 'group', 'node']
      : ['job', 'instance'];
    const node = labels.has('hostname') ? ['node'] : [];
    return new Set([...labels.keys(), ...ofKeys, ...this.#reservedLabels, ...node]);
  }
}
