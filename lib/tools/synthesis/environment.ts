import { App, YamlOutputType } from 'cdk8s';
import { IMAGE_LOCK } from '../../core/image-lock';
import { dnsLabel } from '../../core/option-rules';
import { Platform } from '../../core/platform';
import { InvalidOptionError, type Rule, violationText } from '../../core/validation';
import { readCommittedLock } from './lock-file';

/** Creates the charts of an environment in an app of its own. */
export type Environment = (app: App) => void;

/** Environments by name, each created in an app of its own. */
export type Environments = Readonly<Record<string, Environment>>;

/**
 * Returns the names of the environments. There must be at least one, since removing all manifests would be a
 * mistake.
 * @throws InvalidOptionError when there is none.
 */
export function environmentNames(environments: Environments): string[] {
  const names = Object.keys(environments ?? {});
  if (names.length === 0)
    throw new InvalidOptionError('the app has no environment: add one to the call of run()');
  return names;
}

/**
 * Returns the app of an environment, not rendered yet, with images pinned by the committed lock if there is
 * one.
 * @param context the app's context, which constructs read by `node.tryGetContext`
 * @throws InvalidOptionError when its name is not a valid folder, or it is not a synchronous function.
 */
export function createApp(
  name: string,
  environments: Environments,
  context: Readonly<Record<string, unknown>> = {},
): App {
  const environment = environments[name];
  verifyValue('the name of the environment', name, dnsLabel);
  verifyValue('the environment', environment, environmentRule);
  const app = new App({ yamlOutputType: YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE });
  const lock = IMAGE_LOCK in context ? {} : { [IMAGE_LOCK]: readCommittedLock() };
  for (const [key, value] of Object.entries({ ...lock, ...context })) app.node.setContext(key, value);
  refuseAsyncEnvironment(environment?.(app));
  return app;
}

/**
 * Returns the app of an environment for a command that accesses its cluster.
 * @throws InvalidOptionError when its charts are for more than one cluster.
 */
export function createSingleClusterApp(name: string, environments: Environments): App {
  const app = createApp(name, environments);
  const clusters = new Set(app.charts.map((chart) => Platform.clusterOf(chart)).filter(Boolean));
  if (clusters.size > 1) {
    throw new InvalidOptionError(
      `the environment ${name} has charts of ${clusters.size} clusters, ${[...clusters].join(', ')}, but this command supports one; ` +
        'create an environment for each in the call of run()',
    );
  }
  return app;
}

const environmentRule: Rule = {
  allowed: 'a function that makes charts in the app that it is given',
  accepts: (value) => typeof value === 'function',
};

function verifyValue(what: string, value: unknown, rule: Rule): void {
  if (!rule.accepts(value)) throw new InvalidOptionError(violationText(what, value, rule));
}

/** Refuses an async function, which TypeScript accepts for one without a result. */
function refuseAsyncEnvironment(returned: unknown): void {
  if (!(returned instanceof Promise)) return;
  // The result is ignored after the error.
  returned.catch(() => undefined);
  throw new InvalidOptionError(
    'the environment is an async function; allowed: a synchronous function; await before the call of run()',
  );
}
