import { shown } from './validation';

/** What templates of a program may name. */
export interface TemplateDialect {
  /** Functions beside those of Go itself. */
  readonly functions: readonly string[];
  /** Variables that are set before the template begins, without the dollar sign. */
  readonly variables: readonly string[];
  /** Fields of the value that a template is given. */
  readonly fields: readonly string[];
  /** Templates that can be included by name. @default - none */
  readonly templates?: (name: string) => boolean;
}

/** Functions of Go's text/template, which each program has. */
const GO_FUNCTIONS =
  'and call eq ge gt html index js le len lt ne not or print printf println slice urlquery'.split(' ');

const LITERALS = ['true', 'false', 'nil'];

/** Words that open a block which `end` closes; in those of `MOVES`, the dot is another value. */
const OPENS = ['if', 'range', 'with', 'define', 'block'];
const MOVES = ['range', 'with', 'define', 'block'];

/** Words that are followed by the name of a template. */
const NAMED = ['define', 'block', 'template'];

const ACTION =
  /\{\{-?\s*(\/\*[\s\S]*?\*\/|(?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|(?!\}\})[\s\S])*)\s*-?\}\}/y;

const TOKEN =
  /\s+|"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)+'|\$\w*(?:\.\w+)*|(?:\.\w+)+|\.|[+-]?\d[\w.+-]*|[A-Za-z_]\w*|:=|=|\||,|\(|\)(?:\.\w+)*|./gy;

interface State {
  readonly dialect: TemplateDialect;
  readonly blocks: string[];
  readonly variables: Set<string>;
}

/**
 * Why a text is no template of a program, in words; undefined where it is one. Types of values are known only when a
 * template is used.
 */
export function templateProblem(text: string, dialect: TemplateDialect): string | undefined {
  const state: State = { dialect, blocks: [], variables: new Set(dialect.variables) };
  for (let at = text.indexOf('{{'); at >= 0; at = text.indexOf('{{', at)) {
    ACTION.lastIndex = at;
    const [whole, action = ''] = ACTION.exec(text) ?? [];
    if (whole === undefined) return `${excerpt(text.slice(at))} is not closed by }}`;
    const problem = action.startsWith('/*') ? undefined : actionProblem(action.trim(), state);
    if (problem) return `${excerpt(whole)} ${problem}`;
    at += whole.length;
  }
  const open = state.blocks.at(-1);
  return open && `{{ ${open} }} is not closed by {{ end }}`;
}

function actionProblem(action: string, state: State): string | undefined {
  const [word = '', ...rest] = (action.match(TOKEN) ?? []).filter((token) => token.trim() !== '');
  const moved = state.blocks.some((block) => MOVES.includes(block));
  if (word === '') return 'is empty';
  if (word === 'end') return rest.length > 0 || !state.blocks.pop() ? 'closes nothing' : undefined;
  if (word === 'else') return elseProblem(rest, state);
  if (['break', 'continue'].includes(word) && rest.length === 0) {
    return state.blocks.includes('range') ? undefined : 'is outside of a range';
  }
  if (OPENS.includes(word)) state.blocks.push(word);
  if (NAMED.includes(word)) return namedProblem(word, rest, state, moved);
  const pipeline = OPENS.includes(word) ? rest : [word, ...rest];
  return pipeline.length ? pipelineProblem(pipeline, state, moved) : 'has no value';
}

function elseProblem([word, ...rest]: readonly string[], state: State): string | undefined {
  if (!['if', 'with', 'range'].includes(state.blocks.at(-1) ?? '')) return 'belongs to no if, with or range';
  if (word === undefined) return undefined;
  if ((word !== 'if' && word !== 'with') || rest.length === 0)
    return 'is not followed by if or with and a value';
  const moved = state.blocks.slice(0, -1).some((block) => MOVES.includes(block));
  return pipelineProblem(rest, state, moved);
}

function namedProblem(
  word: string,
  [name = '', ...rest]: readonly string[],
  state: State,
  moved: boolean,
): string | undefined {
  if (!/^["`]/.test(name)) return 'names no template';
  if (word === 'define') return rest.length ? 'has more than a name' : undefined;
  const isThere = word === 'block' || state.dialect.templates?.(name.slice(1, -1)) === true;
  return isThere ? pipelineProblem(rest, state, moved) : 'includes a template that is not there';
}

function pipelineProblem(tokens: readonly string[], state: State, moved: boolean): string | undefined {
  if (tokens[0] === '|' || tokens.at(-1) === '|') return 'has a pipe without a value';
  // `$x := ...` and `range $i, $x := ...` set variables.
  const set = tokens.slice(0, Math.max(tokens.indexOf(':='), 0)).filter((token) => token !== ',');
  for (const variable of set) state.variables.add(variable.slice(1));
  let depth = 0;
  for (const token of tokens) {
    if (token === '(') depth += 1;
    if (token.startsWith(')')) depth -= 1;
    const problem = depth < 0 ? 'closes a parenthesis that is not open' : tokenProblem(token, state, moved);
    if (problem) return problem;
  }
  return depth > 0 ? 'has a parenthesis that is not closed' : undefined;
}

function tokenProblem(token: string, state: State, moved: boolean): string | undefined {
  if (/^[A-Za-z_]/.test(token)) return functionProblem(token, state.dialect);
  if (token.startsWith('$')) return variableProblem(token.slice(1), state);
  if (/^\.\w/.test(token)) return moved ? undefined : fieldProblem(token.split('.')[1] ?? '', state.dialect);
  if (/^["`']$/.test(token)) return 'has a quote that is not closed';
  return /^["`'.(),|=:+\-\d]/.test(token)
    ? undefined
    : `has ${JSON.stringify(token)}, which is not allowed there`;
}

function functionProblem(name: string, { functions }: TemplateDialect): string | undefined {
  return [...GO_FUNCTIONS, ...LITERALS, ...functions].includes(name)
    ? undefined
    : `uses ${name}, which is no function; there are ${functions.join(', ')}`;
}

function variableProblem(path: string, { dialect, variables }: State): string | undefined {
  const [name = '', field] = path.split('.');
  // The dollar sign alone is what the template was given.
  if (name === '') return field === undefined ? undefined : fieldProblem(field, dialect);
  const set = dialect.variables.map((one) => `$${one}`).join(', ') || 'none';
  return variables.has(name) ? undefined : `uses $${name}, which is not set; set are ${set}`;
}

const fieldProblem = (field: string, { fields }: TemplateDialect): string | undefined =>
  fields.includes(field)
    ? undefined
    : `uses .${field}, which is no field; there are ${fields.map((one) => `.${one}`).join(', ')}`;

const excerpt = (text: string): string => shown(text.slice(0, 60));
