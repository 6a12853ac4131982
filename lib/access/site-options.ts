import type { Construct } from 'constructs';
import { invalid, type Rule, violation } from '../core/validation';
import type { BasicAuthIngressProps } from './basic-auth-ingress-options';
import type { IngressController } from './ingress-controller';

/** Options of a host that depend on the controller. */
export type SiteOption = 'tls' | 'realm' | 'maxBodySize' | 'timeout';

/** The values of an option that a controller takes, and what to do instead of others. */
export interface SiteRule extends Rule {
  /** What to do where a value is not allowed. */
  readonly remedy: string;
}

/** No value of an option is allowed. */
export const none = (because: string, remedy: string): SiteRule => ({
  allowed: `none, ${because}`,
  accepts: () => false,
  remedy,
});

/** Which part of the work is the controller's. */
export interface SiteWork {
  /** Whether the controller checks the users, and not the guard. */
  readonly checksUsers: boolean;
  /** Whether a guard stands behind the controller. */
  readonly guarded: boolean;
}

/**
 * Refuses options that the controller cannot do and no guard does for it.
 *
 * @throws InvalidOptionError that names each of them with its value, what is allowed and what to do.
 */
export function refuseUnsupported(
  scope: Construct,
  controller: IngressController,
  options: Pick<BasicAuthIngressProps, SiteOption>,
  work: SiteWork,
): void {
  const problems = unsupportedOptions(controller, {
    ...options,
    ...(!work.checksUsers && { realm: undefined }),
    ...(work.guarded && { timeout: undefined }),
  });
  if (problems.length) throw invalid(scope, problems.join('; '));
}

/** A sentence for each option with a value that the controller cannot do. */
export function unsupportedOptions(
  { optionRules = {} }: IngressController,
  options: Pick<BasicAuthIngressProps, SiteOption>,
  prefix = '',
): string[] {
  return Object.entries(optionRules).flatMap(([option, rule]) => {
    const value = options[option as SiteOption];
    if (value === undefined || rule.accepts(value)) return [];
    return [`${violation(prefix + option, value, rule)}: ${rule.remedy}`];
  });
}
