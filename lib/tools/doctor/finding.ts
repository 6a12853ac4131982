/**
 * What became of one look at the cluster: `ok`; `warning`, it works and may not for long; `problem`, something
 * will not work; `unknown`, it could not be looked at.
 */
export type Verdict = 'ok' | 'warning' | 'problem' | 'unknown';

/** One thing that was found. */
export interface Finding {
  /** What was looked at, such as `edge nodes`. */
  readonly check: string;
  readonly verdict: Verdict;
  /** What was found, never a secret. */
  readonly message: string;
  /** What to do about it. @default - nothing has to be done */
  readonly remedy?: string;
}

/** What a check found, without its name. */
export type Found = Omit<Finding, 'check'>;

export const ok = (message: string): Found => ({ verdict: 'ok', message });
export const warning = (message: string, remedy: string): Found => ({ verdict: 'warning', message, remedy });
export const problem = (message: string, remedy: string): Found => ({ verdict: 'problem', message, remedy });
