import { App } from 'cdk8s';
import { shown } from '../core/validation';
import { UsageError } from '../process/usage-error';
import type { Environments } from './command';

/**
 * The environment of this name, or the only one.
 *
 * @throws UsageError when there is no such one, or it is not clear which.
 */
export function environmentName(given: string | undefined, environments: Environments): string {
  const names = Object.keys(environments);
  const [only, ...others] = names;
  if (only === undefined) throw new Error('the app has no environment: add one to main.ts');
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

/** The app of an environment, built but not rendered. */
export function built(name: string, environments: Environments): App {
  const app = new App();
  environments[name]?.(app);
  return app;
}
