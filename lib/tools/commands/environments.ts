import { formatValue } from '../../core/validation';
import { UsageError } from '../process/usage-error';
import { type Environments, environmentNamesOrThrowIfNone } from '../synthesis/environment';

/**
 * Returns the value of `--environment`. If the option is not given, returns the name of the only environment.
 * @throws UsageError when the environment does not exist, or when the option is not given and there are several.
 */
export function chooseEnvironmentName(given: string | undefined, environments: Environments): string {
  const names = environmentNamesOrThrowIfNone(environments);
  const [only = '', ...others] = names;
  if (given === undefined && others.length === 0) return only;
  if (given !== undefined && names.includes(given)) return given;
  const problem = given === undefined ? 'missing' : formatValue(given);
  throw new UsageError(`--environment is ${problem}; allowed: ${names.join(', ')}`);
}

/**
 * Returns the environment that `--environment` names. If the option is not given, returns all environments.
 * @throws UsageError when the environment does not exist.
 */
export function chooseEnvironments(given: string | undefined, environments: Environments): Environments {
  if (given === undefined) return environments;
  const name = chooseEnvironmentName(given, environments);
  return Object.fromEntries(Object.entries(environments).filter(([one]) => one === name));
}
