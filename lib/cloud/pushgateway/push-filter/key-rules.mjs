// Rules for grouping keys: which may be pushed to, and which labels are reserved for keys or forbidden.
import { requireExporterKey } from '../../../programs/grouping-key.mjs';
import { Refusal } from '../../../programs/server.mjs';

/** @typedef {Map<string, string>} Labels of a grouping key */

export class KeyRules {
  #exportersOnly;
  #reservedJobs;
  #reservedLabels;

  /** @param {NodeJS.ProcessEnv} environment */
  constructor({ EXPORTERS_ONLY = '', RESERVED_JOBS = '^$', RESERVED_LABELS = '' }) {
    this.#exportersOnly = EXPORTERS_ONLY !== '';
    this.#reservedJobs = new RegExp(RESERVED_JOBS);
    this.#reservedLabels = RESERVED_LABELS.split(',').filter(Boolean);
  }

  /** @param {Labels} labels @throws {Refusal} */
  check(labels) {
    if (this.#exportersOnly) requireExporterKey(labels);
    if (this.#reservedJobs.test(labels.get('job') ?? '')) {
      throw new Refusal(400, `the job ${labels.get('job')} is one that only the cloud has`, 'reserved');
    }
    const reserved = this.#reservedLabels.find((name) => labels.has(name));
    if (reserved) {
      throw new Refusal(400, `the label ${reserved} is set by the cloud: leave it out`, 'reserved');
    }
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
