import type { Construct } from 'constructs';
import { invalid, type Rule, violationText } from '../core/validation';
import type { BasicAuthIngressProps } from './basic-auth-ingress-options';
import type { IngressController } from './ingress-controller';

/** Options of a host that not all controllers support. */
export type SiteOption = 'tls' | 'realm' | 'maxBodySize' | 'timeout';

/** Values of an option that a controller supports, and the remedy for other values. */
export interface SiteRule extends Rule {
  /** What to do if a value is not supported. */
  readonly remedy: string;
}

/** Rule for an option that a controller does not support at all. */
export const noneAllowed = (because: string, remedy: string): SiteRule => ({
  allowed: `none, ${because}`,
  accepts: () => false,
  remedy,
});

/** The checks that are left to the controller. */
export interface SiteWork {
  /** Whether the controller checks passwords instead of the guard. */
  readonly checksUsers: boolean;
  /** Whether there is a guard behind the controller. */
  readonly guarded: boolean;
}

/**
 * Refuses options that neither the controller nor the guard supports.
 * @throws InvalidOptionError that lists each option with its value, the allowed values and the remedy.
 */
export function refuseUnsupportedSiteOptions(
  scope: Construct,
  controller: IngressController,
  options: Pick<BasicAuthIngressProps, SiteOption>,
  work: SiteWork,
): void {
  const problems = unsupportedSiteOptions(controller, {
    ...options,
    ...(!work.checksUsers && { realm: undefined }),
    ...(work.guarded && { timeout: undefined }),
  });
  if (problems.length) throw invalid(scope, problems.join('; '));
}

/** Returns an error for each option with a value that the controller does not support. */
export function unsupportedSiteOptions(
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
