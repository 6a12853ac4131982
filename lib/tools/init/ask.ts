import { shown, violation } from '../../core/validation';
import { UsageError } from '../process/usage-error';
import { type Answers, type Question, type QuestionName, questions } from './questions';

/** Asks somebody one thing, and gives what was typed. */
export type Ask = (text: string) => Promise<string>;

/** How answers are found. */
export interface AskOptions {
  /** What the options of the command said. */
  readonly given: Answers;
  /** @default - nobody is there to be asked */
  readonly ask?: Ask;
  /** Says what is wrong with an answer. */
  readonly say: (text: string) => void;
  /** Looks at an answer in another way than by its rule. @throws Error when it cannot be. */
  readonly look: (name: QuestionName, value: string) => void;
}

/**
 * Answers to all questions: what was given, what somebody says, and what is taken otherwise. Somebody is asked only
 * when something is missing that has to be said, and then for all that was not given.
 *
 * @throws UsageError that names all that is wrong, and all that is missing when nobody can be asked.
 */
export async function answersTo({ given, ask, say, look }: AskOptions): Promise<Answers> {
  const problems = questions(given).flatMap((question) => problemOf(question, given));
  if (problems.length) throw new UsageError(problems.join('; '));
  if (given.name !== undefined) look('name', given.name);
  const missing = questions(given).filter((one) => given[one.name] === undefined && !one.fallback);
  if (missing.length && !ask) throw new UsageError(missingText(missing));
  if (!missing.length || !ask) return withFallbacks(given);
  return askFor(given, ask, say, look);
}

function problemOf({ name, flag, rule }: Question, given: Answers): string[] {
  const value = given[name];
  return value === undefined || rule.accepts(value) ? [] : [violation(flag, value, rule)];
}

function missingText(missing: readonly Question[]): string {
  const each = missing.map(({ flag, text }) => `  ${flag}=VALUE  ${text}`);
  return `there is no terminal to ask at; missing:\n${each.join('\n')}`;
}

/** What follows from other answers follows from them as they are in the end. */
function withFallbacks(given: Answers): Answers {
  let answers = given;
  for (const { name } of questions(given)) {
    const fallback = questions(answers).find((one) => one.name === name)?.fallback;
    if (answers[name] === undefined) answers = { ...answers, [name]: fallback?.value };
  }
  return answers;
}

async function askFor(
  given: Answers,
  ask: Ask,
  say: AskOptions['say'],
  look: AskOptions['look'],
): Promise<Answers> {
  let answers = given;
  for (const { name } of questions(given)) {
    if (given[name] !== undefined) continue;
    const question = questions(answers).find((one) => one.name === name);
    if (question) answers = { ...answers, [name]: await answerTo(question, ask, say, look) };
  }
  return answers;
}

async function answerTo(
  { name, text, rule, fallback }: Question,
  ask: Ask,
  say: AskOptions['say'],
  look: AskOptions['look'],
): Promise<string | undefined> {
  for (;;) {
    const typed = (await ask(`${text}${fallback ? ` [${fallback.said}]` : ''}: `)).trim();
    if (!typed && fallback) return fallback.value;
    if (!rule.accepts(typed)) {
      say(`  ${typed ? shown(typed) : 'nothing'} is not allowed; allowed: ${rule.allowed}\n`);
      continue;
    }
    look(name, typed);
    return typed;
  }
}
