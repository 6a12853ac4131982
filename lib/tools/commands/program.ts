import { CommanderError } from 'commander';
import { hasMainFile } from '../init/write-environment';
import { createIoWithEscapedOutput } from '../process/clean-output';
import type { CommandIo } from '../process/command-io';
import { hasNpmScript, suggestedCommand, suggestedSynthCommand } from '../process/command-lines';
import { showProgressLine } from '../process/terminal';
import { UsageError } from '../process/usage-error';
import { errorMessageOrStack } from '../synthesis/synthesize';
import { apply } from './apply';
import type { CommandContext, CommandModule, CommandResult } from './command';
import { CommandLine } from './command-line';
import { credentials } from './credentials';
import { diff } from './diff';
import { dockerDriver } from './docker-driver';
import { doctor } from './doctor';
import { EXIT } from './exit-codes';
import { graph } from './graph';
import { init } from './init';
import { inventory } from './inventory';
import { lockImages } from './lock-images';
import { plan } from './plan';
import { prune } from './prune';
import { rollout } from './rollout';
import { where } from './where';

interface ListedCommand {
  readonly summary: string;
  readonly module: CommandModule;
  /** Whether the command works in the current folder. @default - always */
  readonly isAvailable?: () => boolean;
}

/** Commands by name. The synthesis is not in this list, because an app without arguments synthesizes its environments. */
const COMMANDS: Readonly<Record<string, ListedCommand>> = {
  apply: {
    summary: 'applies the manifests of an environment with kubectl',
    module: apply,
  },
  credentials: {
    summary: 'creates, rotates and removes the users and passwords of an environment',
    module: credentials,
  },
  diff: {
    summary: 'prints the changed objects and fields of a synthesis',
    module: diff,
  },
  'docker-driver': {
    summary: "prints a script that sets up Loki's log driver for Docker on a node",
    module: dockerDriver,
  },
  doctor: {
    summary: 'checks whether a cluster meets the requirements of an environment',
    module: doctor,
  },
  graph: {
    summary: 'draws the data flow of an environment as SVG',
    module: graph,
  },
  init: {
    summary: 'creates an environment',
    module: init,
    isAvailable: hasMainFile,
  },
  inventory: {
    summary: 'lists images, CPU and memory requests, RBAC permissions and public endpoints',
    module: inventory,
  },
  'lock-images': {
    summary: 'pins every image to its current digest',
    module: lockImages,
  },
  plan: {
    summary: 'prints the planned resources for a fleet, and for ten times as many nodes',
    module: plan,
  },
  prune: {
    summary: 'deletes objects from a cluster that are no longer part of an environment',
    module: prune,
  },
  rollout: {
    summary: 'updates the pods on edge nodes in steps: a canary first, then groups of nodes',
    module: rollout,
  },
  where: {
    summary: 'prints the construct and the source line that create an object',
    module: where,
  },
};

const availableCommands = () =>
  Object.entries(COMMANDS).filter(([, { isAvailable }]) => isAvailable?.() ?? true);

/** Commands that are separate programs and not part of the package, because they use code of the end-to-end tests. */
const SEPARATE_PROGRAMS: Readonly<Record<string, { readonly summary: string }>> = {
  try: {
    summary: 'runs on this machine the programs of an environment that send, receive and store metrics',
  },
};

/**
 * Runs a command, and prints errors to standard error. With `--json`, also prints the error as JSON to standard output.
 * @param args name of the command, followed by its options
 * @returns the exit code, or a promise of the exit code.
 */
export function runCommand(args: readonly string[], context: CommandContext): number | Promise<number> {
  const [name = '', ...options] = args;
  const clean = { ...context, io: createIoWithEscapedOutput(context.io) };
  return runCommandAndReportErrors(name, options, clean.io, () => runNamedCommand(name, options, clean));
}

/**
 * Runs a command that is a separate program, such as `try`. Prints errors and returns the exit code as `runCommand`
 * does.
 */
export function runCommandModule(
  name: string,
  module: CommandModule,
  options: readonly string[],
  context: CommandContext,
): number | Promise<number> {
  const clean = { ...context, io: createIoWithEscapedOutput(context.io) };
  return runCommandAndReportErrors(name, options, clean.io, () =>
    parseAndRunCommand(name, module, options, clean),
  );
}

function runCommandAndReportErrors(
  name: string,
  options: readonly string[],
  io: CommandIo,
  perform: () => CommandResult,
): number | Promise<number> {
  const reportErrorAndReturnExitCode = (error: unknown) => {
    // With --json, standard output must be valid JSON even if the command fails.
    if (options.includes('--json'))
      io.stdout(`${JSON.stringify({ error: errorMessageOrStack(error) }, null, 2)}\n`);
    return printErrorAndReturnExitCode(name, error, io);
  };
  try {
    const ended = perform();
    return ended instanceof Promise
      ? ended.then((code) => code ?? EXIT.done, reportErrorAndReturnExitCode)
      : (ended ?? EXIT.done);
  } catch (error) {
    return reportErrorAndReturnExitCode(error);
  }
}

function runNamedCommand(name: string, options: readonly string[], context: CommandContext): CommandResult {
  if (name === '--help') return void context.io.stdout(helpText());
  const listed = Object.hasOwn(COMMANDS, name) && COMMANDS[name];
  if (!listed) {
    const names = availableCommands().map(([one]) => one);
    throw new UsageError(`unknown command; allowed: ${names.join(', ')}`);
  }
  return parseAndRunCommand(name, listed.module, options, context);
}

function parseAndRunCommand(
  name: string,
  command: CommandModule,
  options: readonly string[],
  context: CommandContext,
): CommandResult {
  const line = new CommandLine(name).configureOutput(helpOutputConfiguration(context.io));
  command.define(line);
  line.parse(options, { from: 'user' });
  const { io, removeProgressLine } = showProgressLine(name, context.io);
  return runWithCleanup(() => command.run(line, { ...context, io }), removeProgressLine);
}

/**
 * Returns commander's options for the output of the help. Without `getOutHelpWidth`, commander would use the width of the
 * terminal even if standard output is a file.
 */
const helpOutputConfiguration = ({ stdout, stdoutIsTerminal }: CommandIo) => ({
  writeOut: stdout,
  getOutHelpWidth: () => (stdoutIsTerminal ? process.stdout.columns : 80),
});

/** Runs the function `perform`, and calls `end` after `perform` has succeeded or failed. */
function runWithCleanup(perform: () => CommandResult, end: () => void): CommandResult {
  let isLater = false;
  try {
    const result = perform();
    isLater = result instanceof Promise;
    return result instanceof Promise ? result.finally(end) : result;
  } finally {
    if (!isLater) end();
  }
}

function printErrorAndReturnExitCode(name: string, error: unknown, io: CommandIo): number {
  if (error instanceof CommanderError) return error.exitCode;
  const problem = errorMessageOrStack(error);
  const isNamed = problem.startsWith(`${name}: `);
  io.stderr(`${isNamed ? '' : `${name}: `}${problem}\n`);
  if (!(error instanceof UsageError)) return EXIT.failed;
  const isCommand = Object.hasOwn(COMMANDS, name) || Object.hasOwn(SEPARATE_PROGRAMS, name);
  io.stderr(`See: ${isCommand ? suggestedCommand(name, '--help') : suggestedSynthCommand('--help')}\n`);
  return EXIT.usage;
}

function helpText(): string {
  const programs = Object.entries(SEPARATE_PROGRAMS).filter(([name]) => hasNpmScript(name));
  const all = [...availableCommands(), ...programs].map(
    ([name, { summary }]) => [suggestedCommand(name, '[options]'), summary] as const,
  );
  const width = Math.max(...all.map(([line]) => line.length));
  return `${suggestedSynthCommand()} synthesizes the environments of this app. To show the options of another command, use --help:

${all.map(([line, summary]) => `  ${line.padEnd(width)}  ${summary}\n`).join('')}
Exit codes: ${EXIT.done} success; ${EXIT.failed} failure; ${EXIT.differences} diff or lock-images --check found differences; ${EXIT.usage} invalid command line.
`;
}
