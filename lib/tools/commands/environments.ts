import { shown } from '../../core/validation';
import { UsageError } from '../process/usage-error';
import { type Environments, namesOf } from '../synthesis/environment';

/**
 * The environment of this name, or the only one.
 *
 * @throws UsageError when there is no such one, or it is not clear which.
 */
export function environmentName(given: string | undefined, environments: Environments): string {
  const names = namesOf(environments);
  const [only = '', ...others] = names;
  if (given === undefined && others.length === 0) return only;
  if (given !== undefined && names.includes(given)) return given;
  const problem = given === undefined ? 'missing' : shown(given);
  throw new UsageError(`--environment is ${problem}; allowed: ${names.join(', ')}`);
}

/**
 * The environment of this name, or all of them.
 *
 * @throws UsageError when there is no such one.
 */
export function chosen(given: string | undefined, environments: Environments): Environments {
  if (given === undefined) return environments;
  const name = environmentName(given, environments);
  return Object.fromEntries(Object.entries(environments).filter(([one]) => one === name));
}
