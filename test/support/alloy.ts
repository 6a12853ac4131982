import { unknownKeyProblems } from './log-agent-formats';

/** A value in an Alloy configuration. An expression is the object `{ expression }`. */
export type Value = string | number | boolean | Value[] | { [key: string]: Value };

/** A block of a parsed Alloy configuration. */
export interface Block {
  readonly name: string;
  readonly label?: string;
  readonly attributes: Record<string, Value>;
  readonly blocks: Block[];
}

const TOKEN =
  /\s*("(?:[^"\\]|\\.)*"(?: \+ [^\n]*)?|[A-Za-z_][\w.]*(?:\([^\n]*\))?(?: \+ [^\n]*)?|-?\d+(?:\.\d+)?|[{}[\]=,])/y;

/**
 * Parses an Alloy configuration. Only supports the syntax that this project writes.
 * @throws Error with the text that cannot be parsed
 */
export function parseAlloy(text: string): Block[] {
  const tokens = tokenize(text);
  const blocks: Block[] = [];
  while (tokens.length) blocks.push(parseBlock(tokens));
  return blocks;
}

/** Returns the blocks with this name, at any depth. */
export function blocksByName(blocks: readonly Block[], name: string): Block[] {
  return blocks.flatMap((one) => [...(one.name === name ? [one] : []), ...blocksByName(one.blocks, name)]);
}

/** Names of attributes and nested blocks of Alloy 1.18, by the name of the block. */
const ALLOY: Readonly<Record<string, readonly string[]>> = {
  logging: ['level', 'format'],
  'local.file': ['filename', 'detector', 'poll_frequency', 'is_secret'],
  'local.file_match': ['path_targets', 'sync_period', 'ignore_older_than'],
  'discovery.kubernetes': ['role', 'selectors'],
  selectors: ['role', 'field', 'label'],
  'discovery.relabel': ['targets', 'rule'],
  rule: ['source_labels', 'separator', 'regex', 'target_label', 'replacement', 'action', 'modulus'],
  'loki.source.file': ['targets', 'forward_to', 'tail_from_end'],
  'loki.process': ['forward_to', 'stage'],
  'stage.match': ['selector', 'action', 'drop_counter_reason', 'stage'],
  'stage.json': ['expressions', 'source', 'drop_malformed'],
  'stage.template': ['source', 'template'],
  'stage.output': ['source'],
  'stage.cri': ['max_partial_lines', 'max_partial_line_size', 'max_partial_line_size_truncate'],
  'stage.multiline': ['firstline', 'max_wait_time', 'max_lines', 'trim_newlines'],
  'stage.static_labels': ['values'],
  'stage.label_keep': ['values'],
  'stage.limit': ['rate', 'burst', 'drop'],
  'loki.write': ['external_labels', 'endpoint', 'max_streams'],
  endpoint: [
    ...['url', 'tenant_id', 'batch_size', 'batch_wait', 'remote_timeout', 'basic_auth', 'tls_config'],
    ...['min_backoff_period', 'max_backoff_period', 'max_backoff_retries', 'retry_on_http_429'],
  ],
  basic_auth: ['username', 'password', 'password_file'],
  tls_config: ['ca_file', 'ca_pem', 'insecure_skip_verify'],
};

/**
 * Returns errors that Alloy would report for a configuration, and options whose defaults would lose lines on a slow
 * link. Returns an empty list for a valid configuration.
 */
export function alloyProblems(blocks: readonly Block[]): string[] {
  return blocks.flatMap(({ name, attributes, blocks: inner }) => [
    ...unknownKeyProblems(
      name,
      [...Object.keys(attributes), ...inner.map((one) => one.name.replace(/^stage\..*/, 'stage'))],
      ALLOY[name],
    ),
    ...(name === 'endpoint' && !('remote_timeout' in attributes)
      ? ['endpoint: remote_timeout is missing, so a batch times out after ten seconds']
      : []),
    ...(name === 'stage.multiline' && !('max_lines' in attributes)
      ? ['stage.multiline: max_lines is missing, so an event ends after 128 lines']
      : []),
    ...alloyProblems(inner),
  ]);
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
  if (token !== wanted) throw new Error(`expected ${wanted}, got ${token}`);
}

function takeToken(tokens: string[]): string {
  const token = tokens.shift();
  if (token === undefined) throw new Error('the configuration ends too early');
  return token;
}
