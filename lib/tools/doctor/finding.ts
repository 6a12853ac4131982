/**
 * Result of a check: `ok`; `warning`: it works now and may fail later; `problem`: it does not work;
 * `unknown`: the check could not be performed.
 */
export type Verdict = 'ok' | 'warning' | 'problem' | 'unknown';

/** A finding of a check. */
export interface Finding {
  /** Name of the check, such as `edge nodes`. */
  readonly check: string;
  readonly verdict: Verdict;
  /** The finding; never contains a secret. */
  readonly message: string;
  /** What to do about it. @default - nothing */
  readonly remedy?: string;
}

/** A finding without the name of its check. */
export type Found = Omit<Finding, 'check'>;

export const ok = (message: string): Found => ({ verdict: 'ok', message });
export const warning = (message: string, remedy: string): Found => ({ verdict: 'warning', message, remedy });
export const problem = (message: string, remedy: string): Found => ({ verdict: 'problem', message, remedy });
