/** A value of an Alloy configuration; an expression stands as `{ expression }`. */
export type Value = string | number | boolean | Value[] | { [key: string]: Value };

/** A block of an Alloy configuration, as it was read back. */
export interface Block {
  readonly name: string;
  readonly label?: string;
  readonly attributes: Record<string, Value>;
  readonly blocks: Block[];
}

const TOKEN =
  /\s*("(?:[^"\\]|\\.)*"(?: \+ [^\n]*)?|[A-Za-z_][\w.]*(?:\([^\n]*\))?(?: \+ [^\n]*)?|-?\d+(?:\.\d+)?|[{}[\]=,])/y;

/**
 * Reads a configuration in Alloy's syntax back: what this project writes, not all of the language.
 *
 * @throws Error that shows the place which it cannot read.
 */
export function parseAlloy(text: string): Block[] {
  const tokens = tokenize(text);
  const blocks: Block[] = [];
  while (tokens.length) blocks.push(parseBlock(tokens));
  return blocks;
}

/** The blocks of a name, at any depth. */
export function blocksByName(blocks: readonly Block[], name: string): Block[] {
  return blocks.flatMap((one) => [...(one.name === name ? [one] : []), ...blocksByName(one.blocks, name)]);
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw new Error(`not Alloy's syntax: ${text.slice(at, at + 80)}`);
    tokens.push(token);
  }
  return tokens;
}

function parseBlock(tokens: string[]): Block {
  const name = takeToken(tokens);
  const label = tokens[0]?.startsWith('"') ? JSON.parse(takeToken(tokens)) : undefined;
  expectToken(tokens, '{');
  const attributes: Record<string, Value> = {};
  const blocks: Block[] = [];
  while (tokens[0] !== '}') {
    if (tokens[1] !== '=') {
      blocks.push(parseBlock(tokens));
      continue;
    }
    const key = takeToken(tokens);
    takeToken(tokens);
    attributes[key] = parseValue(tokens);
  }
  takeToken(tokens);
  return { name, label, attributes, blocks };
}

function parseValue(tokens: string[]): Value {
  const token = takeToken(tokens);
  if (token === '[') return parseMembers(tokens, ']', () => parseValue(tokens));
  if (token === '{') return Object.fromEntries(parseMembers(tokens, '}', () => parseEntry(tokens)));
  if (token.startsWith('"') || /^-?\d/.test(token) || token === 'true' || token === 'false') {
    return token.includes('" + ') ? { expression: token } : JSON.parse(token);
  }
  return { expression: token };
}

function parseEntry(tokens: string[]): [string, Value] {
  const key = JSON.parse(takeToken(tokens));
  expectToken(tokens, '=');
  return [key, parseValue(tokens)];
}

function parseMembers<T>(tokens: string[], end: string, member: () => T): T[] {
  const found: T[] = [];
  while (tokens[0] !== end) {
    found.push(member());
    if (tokens[0] === ',') takeToken(tokens);
  }
  takeToken(tokens);
  return found;
}

function expectToken(tokens: string[], wanted: string): void {
  const token = takeToken(tokens);
  if (token !== wanted) throw new Error(`${wanted} was expected, and not ${token}`);
}

function takeToken(tokens: string[]): string {
  const token = tokens.shift();
  if (token === undefined) throw new Error('the configuration ends too early');
  return token;
}
