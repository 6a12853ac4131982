import { App } from 'cdk8s';
import { requiredSecrets } from './core/required-secrets';
import { type Environment, explained, synthesize } from './synthesis/synthesize';

/** Environments by name, each made in an app of its own. */
export type Environments = Readonly<Record<string, Environment>>;

/** What can be done with the environments beside their synthesis; loaded only when it is asked for. */
const COMMANDS: Readonly<Record<string, (environments: Environments, args: readonly string[]) => number>> = {
  credentials: (environments, args) => {
    const { credentialsCommand, processIo } =
      require('./credentials/command') as typeof import('./credentials/command');
    const secrets = Object.entries(environments).map(([name, build]) => [name, secretsOf(build)]);
    return credentialsCommand(args, Object.fromEntries(secrets), processIo());
  },
};

/**
 * Runs the app: synthesizes its environments, or does with them what the first argument says. What is wrong
 * is said in one message, and the process ends with exit code 1.
 */
export function run(environments: Environments): void {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined) {
    synthesize(environments);
    return;
  }
  const command = COMMANDS[name];
  try {
    if (!command)
      throw new Error(`there is no command ${name}; there are: ${Object.keys(COMMANDS).join(', ')}`);
    process.exitCode = command(environments, args);
  } catch (error) {
    console.error(`${name} failed: ${explained(error)}`);
    process.exitCode = 1;
  }
}

function secretsOf(build: Environment) {
  const app = new App();
  build(app);
  return requiredSecrets(app);
}
