import { formatValue, ruleViolationText } from '../../core/validation';
import { UsageError } from '../process/usage-error';
import { type Answers, createQuestions, type Question, type QuestionName } from './questions';

/** Function that asks a question on the terminal and returns the answer. */
export type Ask = (text: string) => Promise<string>;

/** Options for `collectAnswers`. */
export interface AskOptions {
  /** Answers from the options of the command. */
  readonly given: Answers;
  /** Asks a question on the terminal. @default - questions cannot be asked, because there is no terminal */
  readonly ask?: Ask;
  /** Prints the reason why an answer is invalid. */
  readonly printMessage: (text: string) => void;
  /**
   * Checks an answer that the `rule` of the question has already accepted.
   * @throws Error when the answer is invalid, such as a name in use.
   */
  readonly checkAnswer: (name: QuestionName, value: string) => void;
}

/**
 * Returns answers to all questions: from the options of the command, from the terminal, or defaults. If an option
 * without a default is missing, the function asks all questions that no option answers. Otherwise, the function asks no
 * question.
 * @throws UsageError when an option is invalid, or when a required option is missing and there is no terminal. The
 * message lists all missing options.
 */
export async function collectAnswers({
  given,
  ask,
  printMessage,
  checkAnswer,
}: AskOptions): Promise<Answers> {
  const problems = createQuestions(given).flatMap((question) => problemsOfAnswer(question, given));
  if (problems.length) throw new UsageError(problems.join('; '));
  if (given.name !== undefined) checkAnswer('name', given.name);
  const missing = createQuestions(given).filter((one) => given[one.name] === undefined && !one.defaultAnswer);
  if (missing.length && !ask) throw new UsageError(missingOptionsMessage(missing));
  if (!missing.length || !ask) return addDefaultAnswers(given);
  return askUnansweredQuestions(given, ask, printMessage, checkAnswer);
}

function problemsOfAnswer({ name, flag, rule }: Question, given: Answers): string[] {
  const value = given[name];
  return value === undefined || rule.accepts(value) ? [] : [ruleViolationText(flag, value, rule)];
}

function missingOptionsMessage(missing: readonly Question[]): string {
  const each = missing.map(({ flag, text }) => `  ${flag}=VALUE  ${text}`);
  return `these options are required, because standard input is not a terminal on which init could ask questions:\n${each.join('\n')}`;
}

/** Adds the defaults of missing answers. A default may depend on the answers to earlier questions. */
function addDefaultAnswers(given: Answers): Answers {
  let answers = given;
  for (const { name } of createQuestions(given)) {
    const fallback = createQuestions(answers).find((one) => one.name === name)?.defaultAnswer;
    if (answers[name] === undefined) answers = { ...answers, [name]: fallback?.value };
  }
  return answers;
}

async function askUnansweredQuestions(
  given: Answers,
  ask: Ask,
  printMessage: AskOptions['printMessage'],
  checkAnswer: AskOptions['checkAnswer'],
): Promise<Answers> {
  let answers = given;
  for (const { name } of createQuestions(given)) {
    if (given[name] !== undefined) continue;
    const question = createQuestions(answers).find((one) => one.name === name);
    if (question)
      answers = { ...answers, [name]: await askQuestion(question, ask, printMessage, checkAnswer) };
  }
  return answers;
}

async function askQuestion(
  { name, text, rule, defaultAnswer }: Question,
  ask: Ask,
  printMessage: AskOptions['printMessage'],
  checkAnswer: AskOptions['checkAnswer'],
): Promise<string | undefined> {
  for (;;) {
    const typed = (await ask(`${text}${defaultAnswer ? ` [${defaultAnswer.description}]` : ''}: `)).trim();
    if (!typed && defaultAnswer) return defaultAnswer.value;
    if (!rule.accepts(typed)) {
      printMessage(
        `  ${typed ? `${formatValue(typed)} is not allowed` : 'a value is required'}; allowed: ${rule.allowed}\n`,
      );
      continue;
    }
    checkAnswer(name, typed);
    return typed;
  }
}
