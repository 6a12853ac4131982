// Rules for grouping keys: which grouping keys clients may use, and which labels are reserved.
import { assertExporterGroupingKey } from '../../../programs/grouping-key.mjs';
import { Refusal } from '../../../programs/server.mjs';

/** Value of the group header for a node that belongs to no group. */
const NO_GROUP = '-';

/** @typedef {Map<string, string>} Labels label values of a grouping key, by label name */

/** Rules for the grouping keys of pushes. */
export class GroupingKeyRules {
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
   * @param {Labels} labels labels of the grouping key
   * @param {import('node:http').IncomingHttpHeaders} headers headers of the request
   * @throws {Refusal} if clients must not use this grouping key
   */
  validateGroupingKey(labels, headers) {
    if (this.#exportersOnly) assertExporterGroupingKey(labels);
    this.#requireGroupLabelMatchesNode(labels.get('group'), headers[this.#groupHeader]);
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
        `the label ${reserved} is reserved, because the cloud sets this label: remove the label from the grouping key`,
        'reserved',
      );
    }
  }

  /**
   * Validates that the group in the grouping key is the node group of the node that pushes. Does nothing if the guard
   * sent no node group.
   * @param {string | undefined} stated group in the grouping key
   * @param {string | string[] | undefined} certified node group of the node, from the guard
   * @throws {Refusal} if the groups differ
   */
  #requireGroupLabelMatchesNode(stated, certified) {
    if (!certified || (stated ?? NO_GROUP) === certified) return;
    const remedy =
      certified === NO_GROUP ? 'remove the label "group"' : `set the label "group" to ${certified}`;
    throw new Refusal(
      403,
      `the label "group" of the grouping key is not the group of the node in the cluster: ${remedy}`,
      'foreign_group',
    );
  }

  /**
   * Returns the names of the labels to remove from the samples of a push. The grouping key or the cloud sets
   * these labels instead.
   * @param {Labels} labels labels of the grouping key
   * @returns {Set<string>}
   */
  listSampleLabelsToRemove(labels) {
    // Samples must not have these labels, because every grouping key sets them. The label node is a copy of
    // hostname.
    const ofKeys = this.#exportersOnly
      ? ['job', 'instance', 'hostname', 'group', 'node']
      : ['job', 'instance'];
    const node = labels.has('hostname') ? ['node'] : [];
    return new Set([...labels.keys(), ...ofKeys, ...this.#reservedLabels, ...node]);
  }
}
