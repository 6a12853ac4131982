import { parseGoString } from './go-string';
import { formatValue } from './validation';

/** The functions, variables and fields that the templates of a program can use. */
export interface TemplateDialect {
  /** Functions of the program, in addition to those of Go's text/template. */
  readonly functions: readonly string[];
  /** Names of predefined variables, without the dollar sign. */
  readonly variables: readonly string[];
  /** Names of the fields of the template's data. */
  readonly fields: readonly string[];
  /**
   * Returns whether a template with this name exists and can be included.
   * @default - no template can be included
   */
  readonly templates?: (name: string) => boolean;
}

/** Functions of Go's text/template, which every program supports. */
const GO_FUNCTIONS =
  'and call eq ge gt html index js le len lt ne not or print printf println slice urlquery'.split(' ');

const LITERALS = ['true', 'false', 'nil'];

/** Keywords that open a block, which `end` closes. */
const BLOCK_KEYWORDS = ['if', 'range', 'with', 'define', 'block'];
/** Keywords of blocks in which the dot (`.`) has another value than outside of the block. */
const DOT_BLOCKS = ['range', 'with', 'define', 'block'];

/** Keywords that are followed by the name of a template. */
const KEYWORDS_WITH_NAME = ['define', 'block', 'template'];

const ACTION =
  /\{\{-?\s*(\/\*[\s\S]*?\*\/|(?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|(?!\}\})[\s\S])*)\s*-?\}\}/y;

const TOKEN =
  /\s+|"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)+'|\$\w*(?:\.\w+)*\.?|(?:\.\w+)+\.?|\.|[+-]?\d[\w.+-]*|[A-Za-z_]\w*|:=|=|\||,|\(|\)(?:\.\w+)*|./gy;

interface State {
  readonly dialect: TemplateDialect;
  readonly blocks: Block[];
  variables: ReadonlySet<string>;
}

/**
 * A block that is not closed yet. `word` is the keyword that opened the block, or `else` in the `else` branch.
 * `variables` are the variables that were defined before the block.
 */
interface Block {
  readonly word: string;
  readonly variables: ReadonlySet<string>;
}

/**
 * Returns the error in a Go template. Returns `undefined` if the template is valid. Types of values are not
 * checked, because they are only known when the template is executed.
 */
export function templateProblem(text: string, dialect: TemplateDialect): string | undefined {
  const state: State = { dialect, blocks: [], variables: new Set(dialect.variables) };
  for (let at = text.indexOf('{{'); at >= 0; at = text.indexOf('{{', at)) {
    ACTION.lastIndex = at;
    const [whole, action = ''] = ACTION.exec(text) ?? [];
    if (whole === undefined) return `${shortExcerpt(text.slice(at))} is not closed with }}`;
    const problem = action.startsWith('/*') ? commentProblem(action) : actionProblem(action.trim(), state);
    if (problem) return `${shortExcerpt(whole)} ${problem}`;
    at += whole.length;
  }
  const open = state.blocks.at(-1);
  return open && `{{ ${open.word} }} is not closed with {{ end }}`;
}

const commentProblem = (comment: string): string | undefined =>
  comment.endsWith('*/') ? undefined : 'has a comment that is not closed';

const isDotRedefined = (blocks: readonly Block[]): boolean =>
  blocks.some(({ word }) => DOT_BLOCKS.includes(word));

/**
 * Closes the innermost block and removes the variables that were defined in it. Returns false if no block is
 * open.
 */
function tryCloseBlock(state: State): boolean {
  const block = state.blocks.pop();
  if (block) state.variables = block.variables;
  return block !== undefined;
}

function actionProblem(action: string, state: State): string | undefined {
  const [word = '', ...rest] = (action.match(TOKEN) ?? []).filter((token) => token.trim() !== '');
  if (word === '') return 'is empty';
  if (word === 'end') return rest.length > 0 || !tryCloseBlock(state) ? 'has no block to close' : undefined;
  if (word === 'else') return elseProblem(rest, state);
  if (['break', 'continue'].includes(word) && rest.length === 0) {
    return state.blocks.some((block) => block.word === 'range') ? undefined : 'is outside of {{ range }}';
  }
  return pipelineOrBlockProblem(word, rest, state);
}

function pipelineOrBlockProblem(word: string, rest: readonly string[], state: State): string | undefined {
  const moved = isDotRedefined(state.blocks);
  if (BLOCK_KEYWORDS.includes(word)) state.blocks.push({ word, variables: state.variables });
  if (KEYWORDS_WITH_NAME.includes(word)) return templateNameProblem(word, rest, state, moved);
  const pipeline = BLOCK_KEYWORDS.includes(word) ? rest : [word, ...rest];
  const mostVariables = word === 'range' ? 2 : 1;
  return pipeline.length ? pipelineProblem(pipeline, state, moved, mostVariables) : 'has no value';
}

function elseProblem([word, ...rest]: readonly string[], state: State): string | undefined {
  const block = state.blocks.at(-1);
  if (!block || !['if', 'with', 'range'].includes(block.word)) return 'has no matching if, with or range';
  if (word === undefined) {
    // In the `else` branch, the dot has the same value as before the block.
    state.blocks.splice(-1, 1, { ...block, word: 'else' });
    return undefined;
  }
  if ((word !== 'if' && word !== 'with') || rest.length === 0)
    return 'must be followed by if or with, and a value';
  const moved = isDotRedefined(state.blocks.slice(0, -1));
  return pipelineProblem(rest, state, moved);
}

function templateNameProblem(
  word: string,
  [name = '', ...rest]: readonly string[],
  state: State,
  moved: boolean,
): string | undefined {
  if (!/^["`]/.test(name)) return 'has no template name';
  if (word === 'define') return rest.length ? 'has more than a template name' : undefined;
  const isThere = word === 'block' || state.dialect.templates?.(name.slice(1, -1)) === true;
  return isThere ? pipelineProblem(rest, state, moved) : 'includes an unknown template';
}

function pipelineProblem(
  tokens: readonly string[],
  state: State,
  moved: boolean,
  mostVariables = 1,
): string | undefined {
  if (tokens[0] === '|' || tokens.at(-1) === '|') return 'has a pipe without a value';
  const problem = assignmentProblem(tokens, state, mostVariables) ?? parenthesesProblem(tokens);
  if (problem) return problem;
  for (const token of tokens) {
    const wrong = tokenProblem(token, state, moved);
    if (wrong) return wrong;
  }
  return undefined;
}

/**
 * Returns the error in an assignment, such as `$x := ...` or `range $i, $x := ...`, and adds its variables to the
 * state.
 * @param most maximum number of variables
 */
function assignmentProblem(tokens: readonly string[], state: State, most: number): string | undefined {
  const set = tokens.slice(0, Math.max(tokens.indexOf(':='), 0)).filter((token) => token !== ',');
  const wrong = set.find((token) => !/^\$\w+$/.test(token));
  if (wrong) return `sets ${wrong}, which is not a variable`;
  if (set.length > most) return `sets ${set.length} variables; allowed: ${most}`;
  state.variables = new Set([...state.variables, ...set.map((variable) => variable.slice(1))]);
  return undefined;
}

/** Returns the error in the use of parentheses and pipes. */
function parenthesesProblem(tokens: readonly string[]): string | undefined {
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    if (token === '(') depth += 1;
    if (token.startsWith(')')) depth -= 1;
    if (depth < 0) return 'closes a parenthesis that is not open';
    if (token.startsWith(')') && before === '(') return 'has an empty parenthesis';
    if (before === '|' && isConstantToken(token)) return `pipes a value to ${token}, which is not a function`;
  }
  return depth > 0 ? 'has a parenthesis that is not closed' : undefined;
}

const isConstantToken = (token: string): boolean => /^["`'+\-\d]/.test(token) || LITERALS.includes(token);

const NUMBER = /^[+-]?(0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(\.\d*)?([eE][+-]?\d+)?i?)$/;

const CHARACTER = /^'([^'\\]|\\[^']+|\\')'$/u;

function constantProblem(token: string): string | undefined {
  if (/^["`]./.test(token) && parseGoString(token) === undefined)
    return `has ${token}, which has an unknown escape`;
  if (/^'./.test(token) && !CHARACTER.test(token)) return `has ${token}, which is not one character`;
  return /^[+\-\d]/.test(token) && !NUMBER.test(token) ? `has ${token}, which is not a number` : undefined;
}

function tokenProblem(token: string, state: State, moved: boolean): string | undefined {
  if (/^[$.].*\.$/.test(token)) return `has ${token} without the name of a field`;
  const wrong = constantProblem(token);
  if (wrong) return wrong;
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
    : `uses the unknown function ${name}; allowed: ${[...functions, ...GO_FUNCTIONS].join(', ')}`;
}

function variableProblem(path: string, { dialect, variables }: State): string | undefined {
  const [name = '', field] = path.split('.');
  // A dollar sign without a name is the template's data.
  if (name === '') return field === undefined ? undefined : fieldProblem(field, dialect);
  const set = [...variables].map((one) => `$${one}`).join(', ') || 'none';
  return variables.has(name) ? undefined : `uses the undefined variable $${name}; allowed: ${set}`;
}

const fieldProblem = (field: string, { fields }: TemplateDialect): string | undefined =>
  fields.includes(field)
    ? undefined
    : `uses the unknown field .${field}; allowed: ${fields.map((one) => `.${one}`).join(', ')}`;

const shortExcerpt = (text: string): string => formatValue(text.slice(0, 60));
