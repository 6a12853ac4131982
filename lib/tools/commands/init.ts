import { existsSync } from 'node:fs';
import { collectAnswers } from '../init/ask';
import { type Answers, questions } from '../init/questions';
import { environmentPath, isWritten, writeEnvironment } from '../init/write';
import { commandLine, synthesisLine } from '../process/command-lines';
import type { Environments } from '../synthesis/environment';
import type { CommandContext, CommandModule } from './command';
import type { CommandLine } from './command-line';

/** Command `init`: creates an environment. */
export const init: CommandModule = { define: defineInitOptions, run: runInit };

function defineInitOptions(line: CommandLine): void {
  line.description(
    'Creates an environment: the file environments/NAME.ts and its line in main.ts. Asks on the terminal for options that ' +
      'are not given, unless all required ones are. Does not overwrite a different file without --force.',
  );
  for (const { flag, text, fallback } of questions({})) {
    line.option(`${flag} <value>`, fallback ? `${text} (default: ${fallback.said})` : text);
  }
  line.option('--force', 'overwrites an existing file of the environment');
}

async function runInit(line: CommandLine, { environments, io }: CommandContext): Promise<void> {
  const { force = false, ...given } = line.opts<Answers & { force?: boolean }>();
  const isComplete = questions(given).every((one) => given[one.name] !== undefined || one.fallback);
  const answers = await collectAnswers({
    given,
    ask: io.ask,
    say: io.stderr,
    look: (question, value) => {
      if (question === 'name' && !force && !isComplete) requireUnusedName(value, environments);
    },
  });
  const { name = '' } = answers;
  if (!force && !isWritten(answers)) requireUnusedName(name, environments);
  const { file, toAdd } = writeEnvironment(answers);
  io.stdout(`${file}\n`);
  io.stderr(toAdd ? `Add to main.ts:\n  ${toAdd.join('\n  ')}\n` : `main.ts has it.\n`);
  io.stderr(`Next: ${synthesisLine()}, and ${commandLine('doctor', '--environment', name)}\n`);
}

function requireUnusedName(name: string, environments: Environments): void {
  const file = environmentPath(name);
  if (!existsSync(file) && !Object.hasOwn(environments, name)) return;
  const what = existsSync(file) ? file : `an environment ${name} in main.ts`;
  throw new Error(`${what} already exists: use another --name, or --force to overwrite it`);
}
