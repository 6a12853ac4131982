import { spawn } from 'node:child_process';
import { cleanUp } from './cluster';
import { preflight } from './preflight';

/**
 * Runs the suite in a process group of its own: a signal ends Jest and every command that a test runs, and only then is the
 * cluster cleaned up, which no further signal interrupts.
 */
async function main(args: readonly string[]): Promise<number> {
  await preflight();
  const jest = spawn('npx', ['jest', '--config', 'test/cluster/jest.config.js', ...args], {
    detached: true,
    stdio: 'inherit',
    env: { ...process.env, E2E_CLUSTER_RUN: 'yes' },
  });
  let ending: NodeJS.Signals | undefined;
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      ending ??= signal;
      console.error(`${signal}: the cluster is being cleaned up, which takes minutes`);
      if (jest.pid && jest.exitCode === null && jest.signalCode === null) process.kill(-jest.pid, 'SIGTERM');
    });
  }
  const code = await new Promise<number>((resolve, reject) => {
    jest.once('error', reject);
    jest.once('exit', (exitCode) => resolve(exitCode ?? 1));
  });
  await cleanUp();
  return ending ? 1 : code;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
