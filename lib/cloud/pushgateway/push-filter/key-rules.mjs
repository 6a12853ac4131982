// Rules for grouping keys: which keys clients may push to, and which labels are reserved.
import { requireExporterKey } from '../../../programs/grouping-key.mjs';
import { Refusal } from '../../../programs/server.mjs';

/** @typedef {Map<string, string>} Labels of a grouping key */

/** Value of the group header for a node that belongs to no group. */
const NO_GROUP = '-';

export class KeyRules {
  #exportersOnly;
  #reservedJobs;
  #reservedLabels;
  #groupHeader;

  /** Creates the rules from environment variables. @param {NodeJS.ProcessEnv} environment */
  constructor({ EXPORTERS_ONLY = '', RESERVED_JOBS = '^$', RESERVED_LABELS = '', GROUP_HEADER = '' }) {
    this.#groupHeader = GROUP_HEADER.toLowerCase();
    this.#exportersOnly = EXPORTERS_ONLY !== '';
    this.#reservedJobs = new RegExp(RESERVED_JOBS);
    this.#reservedLabels = RESERVED_LABELS.split(',').filter(Boolean);
  }

  /**
   * Validates the grouping key of a push.
   * @param {Labels} labels grouping key of a push
   * @param {import('node:http').IncomingHttpHeaders} headers
   * @throws {Refusal} if clients must not push to this grouping key
   */
  validateGroupingKey(labels, headers) {
    if (this.#exportersOnly) requireExporterKey(labels);
    this.#requireCertifiedGroup(labels.get('group'), headers[this.#groupHeader]);
    if (this.#reservedJobs.test(labels.get('job') ?? '')) {
      throw new Refusal(
        400,
        `the job name ${labels.get('job')} is reserved for cloud components: use another job name`,
        'reserved',
      );
    }
    const reserved = this.#reservedLabels.find((name) => labels.has(name));
    if (reserved) {
      throw new Refusal(
        400,
        `the label ${reserved} is reserved, because the cloud sets it: remove it`,
        'reserved',
      );
    }
  }

  /**
   * Validates that a node pushes with its own group.
   * @param {string | undefined} stated group in the grouping key
   * @param {string | string[] | undefined} certified group of the node, from the guard
   * @throws {Refusal} if the two differ
   */
  #requireCertifiedGroup(stated, certified) {
    if (!certified || (stated ?? NO_GROUP) === certified) return;
    const remedy =
      certified === NO_GROUP ? 'remove the label "group"' : `set the label "group" to ${certified}`;
    throw new Refusal(
      403,
      `the group of the push is not the group of the node in the cluster: ${remedy}`,
      'foreign_group',
    );
  }

  /**
   * Returns the names of labels that are removed from the samples of a push, because the grouping key or the
   * cloud sets them.
   * @param {Labels} labels
   * @returns {Set<string>}
   */
  listRemovedLabels(labels) {
    // Every grouping key has these labels, so samples must not have them. `node` is derived from hostname.
    const ofKeys = this.#exportersOnly
      ? ['job', 'instance', 'hostname', 'group', 'node']
      : ['job', 'instance'];
    const node = labels.has('hostname') ? ['node'] : [];
    return new Set([...labels.keys(), ...ofKeys, ...this.#reservedLabels, ...node]);
  }
}
