import { existsSync } from 'node:fs';
import { collectAnswers } from '../init/collect-answers';
import { type Answers, createQuestions } from '../init/questions';
import {
  environmentFilePath,
  isEnvironmentFileUpToDate,
  writeEnvironmentFileAndUpdateMain,
} from '../init/write-environment';
import { suggestedCommand, suggestedSynthCommand } from '../process/command-lines';
import type { Environments } from '../synthesis/environment';
import type { CommandContext, CommandModule } from './command';
import type { CommandLine } from './command-line';

/** Command `init`: creates the file of a new environment and adds it to main.ts. */
export const init: CommandModule = { define: defineInitOptions, run: runInit };

function defineInitOptions(line: CommandLine): void {
  line.description(
    'Creates an environment: writes the file environments/NAME.ts, and adds the environment to main.ts. If a required option is missing, asks for all missing options on the terminal. Overwrites an existing file only with --force.',
  );
  for (const { flag, text, defaultAnswer } of createQuestions({})) {
    line.option(`${flag} <value>`, defaultAnswer ? `${text} (default: ${defaultAnswer.description})` : text);
  }
  line.option('--force', 'overwrites an existing file of the environment');
}

async function runInit(line: CommandLine, { environments, io }: CommandContext): Promise<void> {
  const { force = false, ...given } = line.opts<Answers & { force?: boolean }>();
  const isComplete = createQuestions(given).every(
    (one) => given[one.name] !== undefined || one.defaultAnswer,
  );
  const answers = await collectAnswers({
    given,
    ask: io.ask,
    printMessage: io.stderr,
    checkAnswer: (question, value) => {
      if (question === 'name' && !force && !isComplete) requireUnusedEnvironmentName(value, environments);
    },
  });
  const { name = '' } = answers;
  if (!force && !isEnvironmentFileUpToDate(answers)) requireUnusedEnvironmentName(name, environments);
  const { file, toAdd } = writeEnvironmentFileAndUpdateMain(answers);
  io.stdout(`${file}\n`);
  io.stderr(toAdd ? `Add to main.ts:\n  ${toAdd.join('\n  ')}\n` : 'main.ts includes the environment.\n');
  io.stderr(
    `Next: run ${suggestedSynthCommand()}, then ${suggestedCommand('doctor', '--environment', name)}\n`,
  );
}

function requireUnusedEnvironmentName(name: string, environments: Environments): void {
  const file = environmentFilePath(name);
  if (!existsSync(file) && !Object.hasOwn(environments, name)) return;
  const what = existsSync(file) ? file : `environment ${name} in main.ts`;
  throw new Error(`${what} already exists: use another --name, or --force to overwrite it`);
}
