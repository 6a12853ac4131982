import { CommanderError } from 'commander';
import { hasMainFile } from '../init/write-environment';
import { withEscapedOutput } from '../process/clean-output';
import type { CommandIo } from '../process/command-io';
import { isNpmScript, suggestedCommand, suggestedSynthCommand } from '../process/command-lines';
import { withProgressLine } from '../process/terminal';
import { UsageError } from '../process/usage-error';
import { errorMessage } from '../synthesis/synthesize';
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

/** Commands other than the synthesis. */
const COMMANDS: Readonly<Record<string, ListedCommand>> = {
  apply: {
    summary: 'applies an environment, and records the applied objects in the cluster',
    module: apply,
  },
  credentials: {
    summary: 'creates, rotates and retires the passwords of an environment',
    module: credentials,
  },
  diff: {
    summary: 'shows the changes of a synthesis by object and field',
    module: diff,
  },
  'docker-driver': {
    summary: "prints what sets up Loki's Docker log driver on a node",
    module: dockerDriver,
  },
  doctor: {
    summary: 'checks whether a cluster meets the requirements of an environment',
    module: doctor,
  },
  graph: {
    summary: 'draws the data flow of an environment',
    module: graph,
  },
  init: {
    summary: 'creates an environment',
    module: init,
    isAvailable: hasMainFile,
  },
  inventory: {
    summary: 'lists images, requests, permissions and public endpoints',
    module: inventory,
  },
  'lock-images': {
    summary: 'pins every image to its current digest',
    module: lockImages,
  },
  plan: {
    summary: 'prints the resources that the fleets need, now and when they grow',
    module: plan,
  },
  prune: {
    summary: 'deletes objects that are no longer part of an environment',
    module: prune,
  },
  rollout: {
    summary: 'updates the pods on edge nodes in steps',
    module: rollout,
  },
  where: {
    summary: 'shows the construct and the source line that create an object',
    module: where,
  },
};

const availableCommands = () =>
  Object.entries(COMMANDS).filter(([, { isAvailable }]) => isAvailable?.() ?? true);

/** Separate programs, which need the end-to-end tests' runtime and are not part of the package. */
const SEPARATE_PROGRAMS: Readonly<Record<string, { readonly summary: string }>> = {
  try: { summary: 'runs the metrics path of an environment on this machine' },
};

/**
 * Runs a command: its name, then its options. Errors are printed to standard error.
 * @returns the exit code, or a promise of it.
 */
export function runCommand(args: readonly string[], context: CommandContext): number | Promise<number> {
  const [name = '', ...options] = args;
  const clean = { ...context, io: withEscapedOutput(context.io) };
  return runAndReportErrors(name, options, clean.io, () => runNamedCommand(name, options, clean));
}

/** Runs a command that is a separate program. */
export function runSeparateProgram(
  name: string,
  module: CommandModule,
  options: readonly string[],
  context: CommandContext,
): number | Promise<number> {
  const clean = { ...context, io: withEscapedOutput(context.io) };
  return runAndReportErrors(name, options, clean.io, () => parseAndRunCommand(name, module, options, clean));
}

function runAndReportErrors(
  name: string,
  options: readonly string[],
  io: CommandIo,
  perform: () => CommandResult,
): number | Promise<number> {
  const handleError = (error: unknown) => {
    // With --json, standard output is valid JSON even if the command fails.
    if (options.includes('--json')) io.stdout(`${JSON.stringify({ error: errorMessage(error) }, null, 2)}\n`);
    return reportFailure(name, error, io);
  };
  try {
    const ended = perform();
    return ended instanceof Promise
      ? ended.then((code) => code ?? EXIT.done, handleError)
      : (ended ?? EXIT.done);
  } catch (error) {
    return handleError(error);
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
  const line = new CommandLine(name).configureOutput(helpOutputOptions(context.io));
  command.define(line);
  line.parse(options, { from: 'user' });
  const { io, end } = withProgressLine(name, context.io);
  return runWithCleanup(() => command.run(line, { ...context, io }), end);
}

/** Commander would wrap lines by the width of the process's own terminal, even for other streams. */
const helpOutputOptions = ({ stdout, stdoutIsTerminal }: CommandIo) => ({
  writeOut: stdout,
  getOutHelpWidth: () => (stdoutIsTerminal ? process.stdout.columns : 80),
});

/** Runs a function, and a final one after it has succeeded or failed. */
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

function reportFailure(name: string, error: unknown, io: CommandIo): number {
  if (error instanceof CommanderError) return error.exitCode;
  const problem = errorMessage(error);
  const isNamed = problem.startsWith(`${name}: `);
  io.stderr(`${isNamed ? '' : `${name}: `}${problem}\n`);
  if (!(error instanceof UsageError)) return EXIT.failed;
  const isCommand = Object.hasOwn(COMMANDS, name) || Object.hasOwn(SEPARATE_PROGRAMS, name);
  io.stderr(`See: ${isCommand ? suggestedCommand(name, '--help') : suggestedSynthCommand('--help')}\n`);
  return EXIT.usage;
}

function helpText(): string {
  const programs = Object.entries(SEPARATE_PROGRAMS).filter(([name]) => isNpmScript(name));
  const all = [...availableCommands(), ...programs].map(
    ([name, { summary }]) => [suggestedCommand(name, '[options]'), summary] as const,
  );
  const width = Math.max(...all.map(([line]) => line.length));
  return `${suggestedSynthCommand()} synthesizes the environments of this app. Other commands, each with --help:

${all.map(([line, summary]) => `  ${line.padEnd(width)}  ${summary}\n`).join('')}
Exit codes: ${EXIT.done} success; ${EXIT.failed} failure, without partial output; ${EXIT.differences} diff or a check found differences; ${EXIT.usage} invalid command line.
`;
}
