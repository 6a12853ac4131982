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
  'call eq ge gt html index js le len lt ne and not or print printf println slice urlquery'.split(' ');

const LITERALS = ['true', 'false', 'nil'];

/** Keywords that open a block. The keyword `end` closes the block. */
const BLOCK_KEYWORDS = ['if', 'range', 'with', 'define', 'block'];
/** Keywords that stand alone in an action. */
const KEYWORDS_WITHOUT_VALUE = ['end', 'break', 'continue'];
/** Keywords that open a separate template. This template cannot use variables and loops of the surrounding template. */
const TEMPLATE_BLOCKS = ['define', 'block'];
/** Keywords that cannot be part of a value. */
const KEYWORDS = [...BLOCK_KEYWORDS, ...KEYWORDS_WITHOUT_VALUE, 'else', 'template'];
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
 * `variables` are the variables that were defined before the block; after the block, only these variables are
 * defined.
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
    if (whole === undefined) return `${quotedExcerpt(text.slice(at))} is not closed with }}`;
    const problem = action.startsWith('/*') ? commentProblem(action) : actionProblem(action.trim(), state);
    if (problem) return `${quotedExcerpt(whole)}: ${problem}`;
    at += whole.length;
  }
  const open = state.blocks.at(-1);
  return open && `{{ ${open.word} }} is not closed with {{ end }}`;
}

const commentProblem = (comment: string): string | undefined =>
  comment.endsWith('*/') ? undefined : 'the comment is not closed with */';

const isDotRedefined = (blocks: readonly Block[]): boolean =>
  blocks.some(({ word }) => DOT_BLOCKS.includes(word));

/** Closes the innermost block and removes the variables that were defined in it. Returns false if no block is open. */
function tryCloseBlock(state: State): boolean {
  const block = state.blocks.pop();
  if (block) state.variables = block.variables;
  return block !== undefined;
}

function actionProblem(action: string, state: State): string | undefined {
  const [word = '', ...rest] = (action.match(TOKEN) ?? []).filter((token) => token.trim() !== '');
  if (word === '') return 'the braces are empty';
  if (word === 'else') return elseProblem(rest, state);
  if (!KEYWORDS_WITHOUT_VALUE.includes(word)) return pipelineOrBlockProblem(word, rest, state);
  if (rest.length > 0) return `${rest[0]} is not allowed after the keyword "${word}"`;
  if (word === 'end') return tryCloseBlock(state) ? undefined : '"end" has no block to close';
  return isInRangeBlock(state.blocks) ? undefined : `"${word}" is only allowed inside {{ range }}`;
}

/** Returns whether the innermost template has an open `range` block, in which `break` and `continue` are allowed. */
const isInRangeBlock = (blocks: readonly Block[]): boolean =>
  blocks
    .slice(blocks.findLastIndex(({ word }) => TEMPLATE_BLOCKS.includes(word)) + 1)
    .some(({ word }) => word === 'range');

function pipelineOrBlockProblem(word: string, rest: readonly string[], state: State): string | undefined {
  const moved = isDotRedefined(state.blocks);
  if (word === 'define' && state.blocks.length > 0) return '"define" is not allowed inside of a block';
  if (BLOCK_KEYWORDS.includes(word)) state.blocks.push({ word, variables: state.variables });
  if (KEYWORDS_WITH_NAME.includes(word)) return namedTemplateActionProblem(word, rest, state, moved);
  const pipeline = BLOCK_KEYWORDS.includes(word) ? rest : [word, ...rest];
  const mostVariables = word === 'range' ? 2 : 1;
  return pipeline.length
    ? pipelineProblem(pipeline, state, moved, mostVariables)
    : `a value is missing after "${word}"`;
}

function elseProblem([word, ...rest]: readonly string[], state: State): string | undefined {
  const block = state.blocks.at(-1);
  if (!block || !['if', 'with', 'range'].includes(block.word))
    return '"else" belongs to no open "if", "with" or "range"';
  if (word === undefined) {
    // In the `else` branch, the dot has the same value as before the block.
    state.blocks.splice(-1, 1, { ...block, word: 'else' });
    return undefined;
  }
  // Only "else if" in an `if` block, and "else with" in a `with` block, continue the block.
  const allowed = block.word === 'range' ? undefined : block.word;
  if (word !== allowed) return `${word} is not allowed after "else" here; allowed: ${allowed ?? 'nothing'}`;
  if (rest.length === 0) return `a value is missing after "${word}"`;
  const moved = isDotRedefined(state.blocks.slice(0, -1));
  return pipelineProblem(rest, state, moved);
}

/**
 * Returns the error in a `define`, `block` or `template` action. Returns `undefined` if the action is valid. After
 * `define` or `block`, no variables are defined in `state`, because a new template starts.
 */
function namedTemplateActionProblem(
  word: string,
  [name = '', ...rest]: readonly string[],
  state: State,
  moved: boolean,
): string | undefined {
  if (!/^["`]/.test(name)) return `the name of a template in quotes must follow "${word}"`;
  if (word === 'define' && rest.length > 0) return `${rest[0]} is not allowed after the name of the template`;
  if (word === 'block' && rest.length === 0) return 'a value is missing after the name of the block';
  if (word === 'template' && !state.dialect.templates?.(name.slice(1, -1)))
    return `the template ${name} is unknown`;
  const problem = pipelineProblem(rest, state, moved);
  if (TEMPLATE_BLOCKS.includes(word)) state.variables = new Set();
  return problem;
}

function pipelineProblem(
  tokens: readonly string[],
  state: State,
  moved: boolean,
  mostVariables = 1,
): string | undefined {
  if (tokens[0] === '|' || tokens.at(-1) === '|') return 'a value is missing before or after a pipe (|)';
  const problem = addVariablesOrFindProblem(tokens, state, mostVariables) ?? parenthesesOrPipeProblem(tokens);
  if (problem) return problem;
  for (const token of tokens) {
    const wrong = tokenProblem(token, state, moved);
    if (wrong) return wrong;
  }
  return undefined;
}

/**
 * Returns the error in an assignment, such as `$x := ...` or `range $i, $x := ...`. If the assignment is valid, adds
 * its variables to the state and returns `undefined`.
 * @param max maximum number of variables: 2 after `range`, otherwise 1
 */
function addVariablesOrFindProblem(tokens: readonly string[], state: State, max: number): string | undefined {
  const set = tokens.slice(0, Math.max(tokens.indexOf(':='), 0)).filter((token) => token !== ',');
  const wrong = set.find((token) => !/^\$\w+$/.test(token));
  if (wrong) return `${wrong} is not a variable, so it cannot be set`;
  if (set.length > max) return `the action sets ${set.length} variables; allowed: ${max}`;
  state.variables = new Set([...state.variables, ...set.map((variable) => variable.slice(1))]);
  return undefined;
}

/** Returns the error in the use of parentheses and pipes. Returns `undefined` if the use is valid. */
function parenthesesOrPipeProblem(tokens: readonly string[]): string | undefined {
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    if (token === '(') depth += 1;
    if (token.startsWith(')')) depth -= 1;
    if (depth < 0) return 'a closing parenthesis has no opening parenthesis';
    if (token.startsWith(')') && before === '(') return 'the parentheses are empty';
    if (before === '|' && isConstantToken(token)) return `only a function can follow a pipe, not ${token}`;
  }
  return depth > 0 ? 'a parenthesis is not closed' : undefined;
}

const isConstantToken = (token: string): boolean => /^["`'+\-\d]/.test(token) || LITERALS.includes(token);

const NUMBER = /^[+-]?(0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(\.\d*)?([eE][+-]?\d+)?i?)$/;

const CHARACTER = /^'([^'\\]|\\[^']+|\\')'$/u;

function constantProblem(token: string): string | undefined {
  if (/^["`]./.test(token) && parseGoString(token) === undefined)
    return `${token} contains an unknown escape`;
  if (/^'./.test(token) && !CHARACTER.test(token))
    return `${token} is not a single character: use double quotes for a text`;
  return /^[+\-\d]/.test(token) && !NUMBER.test(token) ? `${token} is not a number` : undefined;
}

function tokenProblem(token: string, state: State, moved: boolean): string | undefined {
  if (/^[$.].*\.$/.test(token)) return `the name of a field is missing after ${token}`;
  const wrong = constantProblem(token);
  if (wrong) return wrong;
  if (/^[A-Za-z_]/.test(token)) return functionProblem(token, state.dialect);
  if (token.startsWith('$')) return variableProblem(token.slice(1), state);
  if (/^\.\w/.test(token)) return moved ? undefined : fieldProblem(token.split('.')[1] ?? '', state.dialect);
  if (/^["`']$/.test(token)) return 'a quote is not closed';
  return /^["`'.(),|=:+\-\d]/.test(token)
    ? undefined
    : `the character ${JSON.stringify(token)} is not allowed here`;
}

function functionProblem(name: string, { functions }: TemplateDialect): string | undefined {
  if (KEYWORDS.includes(name)) return `the keyword ${name} is not allowed here`;
  return [...GO_FUNCTIONS, ...LITERALS, ...functions].includes(name)
    ? undefined
    : `the function ${name} is unknown; allowed: ${[...functions, ...GO_FUNCTIONS].join(', ')}`;
}

function variableProblem(path: string, { dialect, variables }: State): string | undefined {
  const [name = '', field] = path.split('.');
  // A dollar sign without a name is the template's data.
  if (name === '') return field === undefined ? undefined : fieldProblem(field, dialect);
  const set = [...variables].map((one) => `$${one}`).join(', ') || 'none';
  return variables.has(name) ? undefined : `the variable $${name} is not defined; allowed: ${set}`;
}

const fieldProblem = (field: string, { fields }: TemplateDialect): string | undefined =>
  fields.includes(field)
    ? undefined
    : `the field .${field} is unknown; allowed: ${fields.map((one) => `.${one}`).join(', ')}`;

const quotedExcerpt = (text: string): string => formatValue(text.slice(0, 60));
