/**
 * Result of a check. `ok`: the check found no problem. `warning`: a part of the stack may fail later, or under some conditions.
 * `problem`: a part of the stack does not work. `unknown`: the check could not be performed.
 */
export type Verdict = 'ok' | 'warning' | 'problem' | 'unknown';

/** A finding of `doctor`: a result with a message and a remedy. */
export interface Finding {
  /** Name of the check, such as `edge nodes`. */
  readonly check: string;
  readonly verdict: Verdict;
  /** Description of the finding. The text never contains a secret. */
  readonly message: string;
  /** Instruction that fixes the problem. @default - no remedy is printed */
  readonly remedy?: string;
}

/** A finding without the name of its check. */
export type CheckFinding = Omit<Finding, 'check'>;

/** Creates a finding with the verdict `ok`, which needs no remedy. */
export const okFinding = (message: string): CheckFinding => ({ verdict: 'ok', message });
/** Creates a finding with the verdict `warning`: a part of the stack may fail later, or under some conditions. */
export const warningFinding = (message: string, remedy: string): CheckFinding => ({
  verdict: 'warning',
  message,
  remedy,
});
/** Creates a finding with the verdict `problem`: a part of the stack does not work. */
export const problemFinding = (message: string, remedy: string): CheckFinding => ({
  verdict: 'problem',
  message,
  remedy,
});
