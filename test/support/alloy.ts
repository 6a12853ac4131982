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
  while (tokens.length) blocks.push(block(tokens));
  return blocks;
}

/** The blocks of a name, at any depth. */
export function blocksOf(blocks: readonly Block[], name: string): Block[] {
  return blocks.flatMap((one) => [...(one.name === name ? [one] : []), ...blocksOf(one.blocks, name)]);
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

function block(tokens: string[]): Block {
  const name = take(tokens);
  const label = tokens[0]?.startsWith('"') ? JSON.parse(take(tokens)) : undefined;
  expect(tokens, '{');
  const attributes: Record<string, Value> = {};
  const blocks: Block[] = [];
  while (tokens[0] !== '}') {
    if (tokens[1] !== '=') {
      blocks.push(block(tokens));
      continue;
    }
    const key = take(tokens);
    take(tokens);
    attributes[key] = value(tokens);
  }
  take(tokens);
  return { name, label, attributes, blocks };
}

function value(tokens: string[]): Value {
  const token = take(tokens);
  if (token === '[') return members(tokens, ']', () => value(tokens));
  if (token === '{') return Object.fromEntries(members(tokens, '}', () => entry(tokens)));
  if (token.startsWith('"') || /^-?\d/.test(token) || token === 'true' || token === 'false') {
    return token.includes('" + ') ? { expression: token } : JSON.parse(token);
  }
  return { expression: token };
}

function entry(tokens: string[]): [string, Value] {
  const key = JSON.parse(take(tokens));
  expect(tokens, '=');
  return [key, value(tokens)];
}

function members<T>(tokens: string[], end: string, member: () => T): T[] {
  const found: T[] = [];
  while (tokens[0] !== end) {
    found.push(member());
    if (tokens[0] === ',') take(tokens);
  }
  take(tokens);
  return found;
}

function expect(tokens: string[], wanted: string): void {
  const token = take(tokens);
  if (token !== wanted) throw new Error(`${wanted} was expected, and not ${token}`);
}

function take(tokens: string[]): string {
  const token = tokens.shift();
  if (token === undefined) throw new Error('the configuration ends too early');
  return token;
}
