// Enforces the limits of each job: different series within one to two hours, and pushes and bytes per minute. The state
// is in nginx's shared memory. Each job has its own limits, so that a job cannot use up the limits of another job.
// Counters of rejected pushes are stored separately, so that counting is equally fast for jobs with many series.
import { Refusal } from '../../../programs/server.mjs';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * Value of the label `job` in the counters of rejected pushes, for jobs that are unknown or have no stored usage. If
 * each of these jobs had its own counter, services could create any number of counters.
 */
const OTHER_JOB = '(other)';

/**
 * @typedef {{ hour: number, now: number[], before: number[], minute: number, bytes: number, pushes: number, taken: number }} Usage
 * usage of a job: hashes of the series of the current hour (`now`) and of the previous hour (`before`), bytes and pushes
 * of the current minute, and the number of accepted pushes (`taken`)
 * @typedef {SharedDict<string>} Store
 * @typedef {SharedDict<number> & SharedNumbers} Counters
 */

/** Maximum number of keys to list, larger than the number of jobs. By default, nginx lists only the first 1,024 keys. */
const MAX_KEYS = 100_000;

/**
 * Adds 1 to the counter of rejected pushes with this job and reason, or with the job `(other)` if the job is unknown or
 * has no stored usage.
 * @param {Pick<Store, 'has'>} store @param {Pick<Counters, 'incr'>} refusals @param {string | undefined} job
 * @param {string} reason value of the label `reason`
 */
export function incrementRejectedPushes(store, refusals, job, reason) {
  const name = job !== undefined && store.has(job) ? job : OTHER_JOB;
  refusals.incr(`${reason} ${name}`, 1, 0);
}

/** Stores the usage of each job, and throws if a push exceeds the limits of its job. */
export class JobLimits {
  #store;
  #limits;
  #now;

  /**
   * Creates an object that reads and writes the usage of all jobs in `store`. Create a new object for each request.
   * @param {Store} store
   * @param {{ jobs: number, seriesPerJob: number, bytesPerMinute: number, pushesPerMinute: number }} limits
   * @param {number} now current time in milliseconds
   */
  constructor(store, limits, now) {
    this.#store = store;
    this.#limits = limits;
    this.#now = now;
  }

  /**
   * Adds a push and its bytes to the job's usage in the current minute. The push counts even if it is rejected later.
   * @param {string} job @param {number} bytes
   * @throws {Refusal} when the job has exceeded a limit per minute, or when there are too many jobs
   */
  enforceRateLimit(job, bytes) {
    const usage = this.#findUsageOfJob(job) ?? this.#createUsageOfNewJob(job);
    const minute = Math.floor(this.#now / MINUTE_MS);
    if (usage.minute !== minute) Object.assign(usage, { minute, bytes: 0, pushes: 0 });
    usage.bytes += Math.ceil(bytes);
    usage.pushes++;
    this.#store.set(job, JSON.stringify(usage));
    const { bytesPerMinute, pushesPerMinute } = this.#limits;
    /**
     * Creates the refusal of a push that exceeds a limit per minute.
     * @param {string} what limit, such as `1200 times` @param {string} reason value of the label `reason`
     */
    const rateLimitRefusal = (what, reason) =>
      new Refusal(429, `the job ${job} has pushed more than ${what} in this minute: push less`, reason);
    if (usage.bytes > bytesPerMinute) throw rateLimitRefusal(`${bytesPerMinute} bytes`, 'too_many_bytes');
    if (usage.pushes > pushesPerMinute) throw rateLimitRefusal(`${pushesPerMinute} times`, 'too_many_pushes');
  }

  /**
   * Adds the series of a push to the series that the job has pushed within two hours.
   * @param {string} job @param {readonly string[]} series
   * @throws {Refusal} when the job would exceed its maximum number of series, or when there are too many jobs
   */
  enforceSeriesLimit(job, series) {
    const usage = this.#findUsageOfJob(job) ?? this.#createUsageOfNewJob(job);
    this.#startNewHourIfDue(usage);
    const now = new Set(usage.now);
    for (const one of series) now.add(cyrb53Hash(one));
    const all = new Set([...usage.before, ...now]);
    const { seriesPerJob } = this.#limits;
    const isMore = all.size > new Set([...usage.before, ...usage.now]).size;
    if (isMore && all.size > seriesPerJob) {
      throw new Refusal(
        429,
        `the job ${job} has pushed more than ${seriesPerJob} different series within two hours: push fewer series`,
        'too_many_series',
      );
    }
    if (now.size === usage.now.length) return;
    usage.now = [...now];
    this.#store.set(job, JSON.stringify(usage));
  }

  /**
   * Adds 1 to the number of accepted pushes of a job. Does nothing if no usage of the job is stored.
   * @param {string} job
   */
  incrementAcceptedPushes(job) {
    const usage = this.#findUsageOfJob(job);
    if (!usage) return;
    usage.taken++;
    this.#store.set(job, JSON.stringify(usage));
  }

  /**
   * Returns the counters of accepted and rejected pushes in Prometheus's text format.
   * @param {Counters} refusals counters of rejected pushes
   * @returns {string}
   */
  renderAndPrunePushCounters(refusals) {
    const taken = this.#jobNames.map((job) => {
      const usage = this.#findUsageOfJob(job) ?? this.#emptyUsage;
      return `edge_pushes_total{job=${JSON.stringify(job)}} ${usage.taken}\n`;
    });
    return [...taken, ...this.#renderAndPruneRejectionCounters(refusals)].join('');
  }

  /**
   * Renders the counters of rejected pushes. Deletes the counters of jobs for which no usage is stored any more.
   * @param {Counters} refusals
   */
  #renderAndPruneRejectionCounters(refusals) {
    return refusals
      .keys(MAX_KEYS)
      .sort()
      .flatMap((key) => {
        const [reason = '', job = ''] = /^(\S+) (.*)$/s.exec(key)?.slice(1) ?? [];
        if (job === OTHER_JOB || this.#store.has(job)) {
          const labels = `job=${JSON.stringify(job)},reason="${reason}"`;
          return [`edge_pushes_refused_total{${labels}} ${refusals.get(key)}\n`];
        }
        refusals.delete(key);
        return [];
      });
  }

  /**
   * Returns the stored usage of a job, or `undefined` if no usage of the job is stored.
   * @param {string} job
   * @returns {Usage | undefined}
   */
  #findUsageOfJob(job) {
    const text = this.#store.get(job);
    return text && JSON.parse(text);
  }

  /**
   * Returns an empty usage for a new job, without storing it. If there are too many jobs, first deletes the usage of
   * idle jobs.
   * @param {string} job @returns {Usage} @throws {Refusal} when there are still too many jobs
   */
  #createUsageOfNewJob(job) {
    const { jobs } = this.#limits;
    if (this.#jobNames.length >= jobs) this.#deleteUsageOfIdleJobs();
    if (this.#jobNames.length >= jobs) {
      throw new Refusal(
        429,
        `${jobs} jobs push to this node already, which is the maximum: the job ${job} is rejected`,
        'too_many_jobs',
      );
    }
    return this.#emptyUsage;
  }

  /** Usage of a job that has not pushed yet. @returns {Usage} */
  get #emptyUsage() {
    return { hour: this.#hour, now: [], before: [], minute: 0, bytes: 0, pushes: 0, taken: 0 };
  }

  /** Names of the jobs for which a usage is stored. */
  get #jobNames() {
    return this.#store.keys(MAX_KEYS).sort();
  }

  /**
   * Deletes the usage of idle jobs. A job is idle if none of its pushes was within the limits for one to two hours.
   */
  #deleteUsageOfIdleJobs() {
    const idle = this.#jobNames.filter(
      (job) => (this.#findUsageOfJob(job) ?? this.#emptyUsage).hour < this.#hour - 1,
    );
    for (const job of idle) this.#store.delete(job);
  }

  /**
   * Starts a new hour in the usage of a job, and removes series that were not pushed for one to two hours.
   * @param {Usage} usage
   */
  #startNewHourIfDue(usage) {
    if (usage.hour === this.#hour) return;
    usage.before = usage.hour === this.#hour - 1 ? usage.now : [];
    usage.now = [];
    usage.hour = this.#hour;
  }

  get #hour() {
    return Math.floor(this.#now / HOUR_MS);
  }
}

/**
 * Returns a hash of 53 bits (cyrb53). A hash without a key suffices: a job that produces collisions only exceeds its
 * own limit of series.
 * @param {string} text
 */
function cyrb53Hash(text) {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0);
}
