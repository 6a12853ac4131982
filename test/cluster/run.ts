import { type ChildProcess, spawn } from 'node:child_process';
import { preflight } from './preflight';

/**
 * Runs the suite, and cleans up the cluster after it. A signal first ends Jest and all commands of the running test.
 * Then the cluster is cleaned up; further signals do not interrupt this. Returns the exit code.
 */
async function main(args: readonly string[]): Promise<number> {
  await preflight();
  const jest = inItsOwnGroup('npx', ['jest', '--config', 'test/cluster/jest.config.js', ...args]);
  let interrupted = false;
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      interrupted = true;
      console.error(
        `${signal}: cleaning up the cluster, which takes some minutes; further signals are ignored`,
      );
      if (jest.pid && jest.exitCode === null && jest.signalCode === null) process.kill(-jest.pid, 'SIGTERM');
    });
  }
  const failed = await endOf(jest);
  const dirty = await endOf(inItsOwnGroup('node', ['scripts/run.cjs', 'test/cluster/clean-up.ts']));
  return failed || dirty || Number(interrupted);
}

/** Starts a program in its own process group, so that Ctrl-C in the terminal does not end it. */
const inItsOwnGroup = (command: string, args: readonly string[]): ChildProcess =>
  spawn(command, args, { detached: true, stdio: 'inherit', env: { ...process.env, E2E_CLUSTER_RUN: 'yes' } });

const endOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
