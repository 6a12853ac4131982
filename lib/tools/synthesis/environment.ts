import { App, YamlOutputType } from 'cdk8s';
import { IMAGE_LOCK } from '../../core/image-lock';
import { dnsLabel } from '../../core/option-rules';
import { Platform } from '../../core/platform';
import { InvalidOptionError, type Rule, ruleViolationText } from '../../core/validation';
import { readImageLock } from './lock-file';

/** Function that creates the charts of an environment in the given app. */
export type Environment = (app: App) => void;

/** Environments by name. Each environment has its own app. */
export type Environments = Readonly<Record<string, Environment>>;

/**
 * Returns the names of the environments.
 * @throws InvalidOptionError when there is no environment, because the synthesis would remove all manifests.
 */
export function environmentNamesOrThrowIfNone(environments: Environments): string[] {
  const names = Object.keys(environments ?? {});
  if (names.length === 0)
    throw new InvalidOptionError('the app has no environment: add an environment to the call of run()');
  return names;
}

/**
 * Creates the app of an environment with its charts, and does not render the charts. If there is an image lock, images are
 * pinned to the digests in the lock.
 * @param context values that constructs read with `node.tryGetContext`
 * @throws InvalidOptionError when the name of the environment is not a valid name of a folder, or when the environment is not
 * a synchronous function.
 */
export function createApp(
  name: string,
  environments: Environments,
  context: Readonly<Record<string, unknown>> = {},
): App {
  const environment = environments[name];
  throwIfRuleRejectsValue('the name of the environment', name, dnsLabel);
  throwIfRuleRejectsValue('the environment', environment, environmentRule);
  const app = new App({ yamlOutputType: YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE });
  const lock = IMAGE_LOCK in context ? {} : { [IMAGE_LOCK]: readImageLock() };
  for (const [key, value] of Object.entries({ ...lock, ...context })) app.node.setContext(key, value);
  requireSynchronousEnvironment(environment?.(app));
  return app;
}

/**
 * Creates the app of an environment for a command that accesses the cluster of the environment.
 * @throws InvalidOptionError when the environment has charts for several clusters.
 */
export function createSingleClusterApp(name: string, environments: Environments): App {
  const app = createApp(name, environments);
  const clusters = new Set(app.charts.map((chart) => Platform.clusterOf(chart)).filter(Boolean));
  if (clusters.size > 1) {
    throw new InvalidOptionError(
      `the environment ${name} has charts for ${clusters.size} clusters (${[...clusters].join(', ')}), but this command supports one cluster; add an environment for each cluster to the call of run()`,
    );
  }
  return app;
}

const environmentRule: Rule = {
  allowed: 'a function that creates charts in the given app',
  accepts: (value) => typeof value === 'function',
};

function throwIfRuleRejectsValue(what: string, value: unknown, rule: Rule): void {
  if (!rule.accepts(value)) throw new InvalidOptionError(ruleViolationText(what, value, rule));
}

/**
 * Throws if an environment is an async function. TypeScript does not detect this error, because the type
 * `Environment` allows async functions.
 */
function requireSynchronousEnvironment(returned: unknown): void {
  if (!(returned instanceof Promise)) return;
  // Without this handler, a rejected promise would terminate the process before the error below is reported.
  returned.catch(() => undefined);
  throw new InvalidOptionError(
    'the environment is an async function; allowed: a synchronous function; await before the call of run()',
  );
}
