import { App, YamlOutputType } from 'cdk8s';
import { IMAGE_LOCK } from '../../core/image-lock';
import { dnsLabel } from '../../core/option-rules';
import { Platform } from '../../core/platform';
import { InvalidOptionError, type Rule, violation } from '../../core/validation';
import { committedLock } from './lock-file';

/** Makes the charts of an environment in an app of its own. */
export type Environment = (app: App) => void;

/** Environments by name, each made in an app of its own. */
export type Environments = Readonly<Record<string, Environment>>;

/**
 * The names of environments, of which an app has at least one: what removes all manifests is a mistake.
 *
 * @throws InvalidOptionError when there is none.
 */
export function namesOf(environments: Environments): string[] {
  const names = Object.keys(environments ?? {});
  if (names.length === 0)
    throw new InvalidOptionError('the app has no environment: add one to the call of run()');
  return names;
}

/**
 * The app of an environment, built but not rendered, with its images pinned by the committed lock, if there is one.
 *
 * @param context what constructs find by `node.tryGetContext`
 * @throws InvalidOptionError when its name is none of a folder, or it is no function that is done when it returns.
 */
export function appOf(
  name: string,
  environments: Environments,
  context: Readonly<Record<string, unknown>> = {},
): App {
  const environment = environments[name];
  refuse('the name of the environment', name, dnsLabel);
  refuse('the environment', environment, builder);
  const app = new App({ yamlOutputType: YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE });
  const lock = IMAGE_LOCK in context ? {} : { [IMAGE_LOCK]: committedLock() };
  for (const [key, value] of Object.entries({ ...lock, ...context })) app.node.setContext(key, value);
  refuseLater(environment?.(app));
  return app;
}

/**
 * The app of an environment for a command that works on its cluster.
 *
 * @throws InvalidOptionError when its charts are made for more than one cluster.
 */
export function appOfOneCluster(name: string, environments: Environments): App {
  const app = appOf(name, environments);
  const clusters = new Set(app.charts.map((chart) => Platform.clusterOf(chart)).filter(Boolean));
  if (clusters.size > 1) {
    throw new InvalidOptionError(
      `the environment ${name} has charts of ${clusters.size} clusters, ${[...clusters].join(', ')}, and this command works on one; ` +
        'make each an environment of its own in the call of run()',
    );
  }
  return app;
}

const builder: Rule = {
  allowed: 'a function that makes charts in the app that it is given',
  accepts: (value) => typeof value === 'function',
};

function refuse(what: string, value: unknown, rule: Rule): void {
  if (!rule.accepts(value)) throw new InvalidOptionError(violation(what, value, rule));
}

/** TypeScript takes an async function for one that returns nothing. */
function refuseLater(returned: unknown): void {
  if (!(returned instanceof Promise)) return;
  // What becomes of it later is no matter any more.
  returned.catch(() => undefined);
  throw new InvalidOptionError(
    'the environment is an async function; allowed: one that has made its charts when it returns; await before run',
  );
}
