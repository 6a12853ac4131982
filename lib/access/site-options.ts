import type { Construct } from 'constructs';
import { invalid, type Rule, violationText } from '../core/validation';
import type { BasicAuthIngressProps } from './basic-auth-ingress-options';
import type { IngressController } from './ingress-controller';

/** Options of a host that some controllers do not support. */
export type SiteOption = 'tls' | 'realm' | 'maxBodySize' | 'timeout';

/** Values of an option that a controller supports, and the remedy for other values. */
export interface SiteRule extends Rule {
  /** Remedy for the error message, such as `remove it`. */
  readonly remedy: string;
}

/** Returns the rule for an option that a controller does not support at all. */
export const unsupportedOptionRule = (because: string, remedy: string): SiteRule => ({
  allowed: `none, ${because}`,
  accepts: () => false,
  remedy,
});

/** Division of the checks between the controller and the guard. */
export interface SiteWork {
  /** Whether the controller checks passwords. If false, the guard checks them. */
  readonly checksUsers: boolean;
  /** Whether there is a guard behind the controller. */
  readonly guarded: boolean;
}

/**
 * Throws if an option is set that neither the controller nor the guard supports.
 * @throws InvalidOptionError that lists each option with its value, the allowed values and the remedy.
 */
export function refuseUnsupportedSiteOptions(
  scope: Construct,
  controller: IngressController,
  options: Pick<BasicAuthIngressProps, SiteOption>,
  work: SiteWork,
): void {
  const problems = unsupportedSiteOptionProblems(controller, {
    ...options,
    ...(!work.checksUsers && { realm: undefined }),
    ...(work.guarded && { timeout: undefined }),
  });
  if (problems.length) throw invalid(scope, problems.join('; '));
}

/** Returns an error for each option that has a value which the controller does not support. */
export function unsupportedSiteOptionProblems(
  { optionRules = {} }: IngressController,
  options: Pick<BasicAuthIngressProps, SiteOption>,
  prefix = '',
): string[] {
  return Object.entries(optionRules).flatMap(([option, rule]) => {
    const value = options[option as SiteOption];
    if (value === undefined || rule.accepts(value)) return [];
    return [`${violationText(prefix + option, value, rule)}: ${rule.remedy}`];
  });
}
