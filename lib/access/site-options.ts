import type { Construct } from 'constructs';
import { optionError, type Rule, ruleViolationText } from '../core/validation';
import type { BasicAuthIngressProps } from './basic-auth-ingress-options';
import type { IngressController } from './ingress-controller';

/** Names of host options that some controllers do not support. */
export type SiteOption = 'tls' | 'realm' | 'maxBodySize' | 'timeout';

/** The values that a controller supports for an option, and the remedy for other values. */
export interface SiteRule extends Rule {
  /** Remedy for the error message, such as `remove it`. */
  readonly remedy: string;
}

/**
 * Returns a rule that refuses every value of an option, because the controller does not support the option.
 * @param because reason for the error message, such as `because Envoy does not support a realm`
 * @param remedy remedy for the error message, such as `remove it`
 */
export const ruleThatRefusesOption = (because: string, remedy: string): SiteRule => ({
  allowed: `none, ${because}`,
  accepts: () => false,
  remedy,
});

/** Division of work between the ingress controller and the guard of a host. */
export interface SiteWork {
  /** Whether the controller checks passwords. If false, the guard checks passwords. */
  readonly checksUsers: boolean;
  /** Whether there is a guard behind the controller. */
  readonly guarded: boolean;
}

/**
 * Throws if an option has a value that neither the controller nor the guard supports. Options that are not set are
 * valid.
 * @throws InvalidOptionError that lists each option with its value, the allowed values and the remedy.
 */
export function refuseUnsupportedIngressOptions(
  scope: Construct,
  controller: IngressController,
  options: Pick<BasicAuthIngressProps, SiteOption>,
  work: SiteWork,
): void {
  const problems = problemsOfUnsupportedIngressOptions(controller, {
    ...options,
    ...(!work.checksUsers && { realm: undefined }),
    ...(work.guarded && { timeout: undefined }),
  });
  if (problems.length) throw optionError(scope, problems.join('; '));
}

/**
 * Returns an error message for each option with a value that the controller does not support.
 * @param prefix path in front of the name of the option, such as `settings.ingress.`
 */
export function problemsOfUnsupportedIngressOptions(
  { optionRules = {} }: IngressController,
  options: Pick<BasicAuthIngressProps, SiteOption>,
  prefix = '',
): string[] {
  return Object.entries(optionRules).flatMap(([option, rule]) => {
    const value = options[option as SiteOption];
    if (value === undefined || rule.accepts(value)) return [];
    return [`${ruleViolationText(prefix + option, value, rule)}: ${rule.remedy}`];
  });
}
