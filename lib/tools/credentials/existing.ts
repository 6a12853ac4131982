import { parseAllDocuments } from 'yaml';
import { CredentialsError } from './credentials-error';
import { type ServerSecret, secretId } from './hosts';
import { type HtpasswdLine, parseHtpasswd } from './htpasswd';

/** The used fields of a Kubernetes object that has not been validated. */
interface FoundObject {
  readonly kind?: unknown;
  readonly metadata?: { readonly namespace?: unknown; readonly name?: unknown };
  readonly items?: unknown;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly stringData?: Readonly<Record<string, unknown>>;
}

/**
 * Parses the current users of server Secrets.
 * @param input output of kubectl: Secrets or Lists of them, as YAML or JSON, in one or several documents
 * @param servers the Secrets that must be included
 * @returns the lines of each Secret
 * @throws CredentialsError that names what is missing or invalid, and the command that prints it.
 */
export function parseExistingUsers(
  input: string,
  servers: readonly ServerSecret[],
): Map<ServerSecret, HtpasswdLine[]> {
  const found = findSecrets(input, servers);
  const missing = servers.filter((server) => !found.has(secretId(server)));
  if (missing.length) {
    const names = missing.map(secretId).join(', ');
    throw new CredentialsError(
      `standard input lacks ${names}, and contains ${[...found.keys()].join(', ')}; ${missingSecretsRemedy(servers)}`,
    );
  }
  return new Map(
    servers.map((server) => [server, htpasswdLinesOf(found.get(secretId(server)) ?? {}, server)]),
  );
}

/** Returns the remedy if the Secrets are not on standard input. */
export function missingSecretsRemedy(servers: readonly ServerSecret[]): string {
  const namespaces = [...new Set(servers.map(({ namespace }) => namespace))];
  const commands = namespaces.map((namespace) => {
    const names = servers.filter((server) => server.namespace === namespace).map(({ name }) => name);
    return `kubectl get secret ${names.join(' ')} -n ${namespace} -o yaml`;
  });
  // kubectl does not separate the output of two calls.
  const [only = '', ...more] = commands;
  return `pipe in the output of: ${more.length ? `{ ${commands.join('; echo ---; ')}; }` : only}`;
}

function findSecrets(input: string, servers: readonly ServerSecret[]): Map<string, FoundObject> {
  const secrets = parseDocuments(input).filter(({ kind }) => kind === 'Secret');
  if (!secrets.length)
    throw new CredentialsError(`standard input contains no Secret; ${missingSecretsRemedy(servers)}`);
  const found = new Map<string, FoundObject>();
  for (const secret of secrets) {
    const { namespace, name } = secret.metadata ?? {};
    const id = secretId({ namespace: String(namespace ?? '?'), name: String(name ?? '?') });
    if (found.has(id)) throw new CredentialsError(`standard input contains Secret ${id} twice: remove one`);
    found.set(id, secret);
  }
  return found;
}

function parseDocuments(input: string): FoundObject[] {
  // Consecutive JSON objects, as several calls of kubectl print them, are not valid YAML.
  const text = input.replaceAll(/^\}\s*\n(?=\{)/gm, '}\n---\n');
  return parseAllDocuments(text, { logLevel: 'silent' })
    .map((document) => {
      const [error] = document.errors;
      if (error) throw invalidYamlError(text, error.pos[0]);
      return documentToObject(document);
    })
    .flatMap((object) => (Array.isArray(object?.items) ? (object.items as FoundObject[]) : [object ?? {}]))
    .filter((object) => typeof object === 'object' && object !== null);
}

function documentToObject(document: { toJS(): unknown; readonly range?: unknown }): FoundObject | null {
  try {
    return document.toJS() as FoundObject | null;
  } catch {
    // An alias without a target, or one that expands too much.
    throw new CredentialsError(
      'standard input is YAML with unresolvable aliases: use the unchanged output of kubectl',
    );
  }
}

/** The parser's own messages would show the text around the error. */
function invalidYamlError(text: string, position: number): CredentialsError {
  const line = text.slice(0, position).split('\n').length;
  return new CredentialsError(
    `standard input is invalid YAML or JSON at line ${line}; separate documents with a line ---`,
  );
}

function htpasswdLinesOf(secret: FoundObject, server: ServerSecret): HtpasswdLine[] {
  const place = `key ${server.format.key} of Secret ${secretId(server)}`;
  return parseHtpasswd(decodeKey(secret, server.format.key, place), place);
}

/** As in the API server, `stringData` overrides `data`. */
function decodeKey({ data, stringData }: FoundObject, key: string, place: string): string {
  const clear = stringData?.[key];
  const encoded = data?.[key];
  if (typeof clear === 'string') return clear;
  if (typeof encoded === 'string' && /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(encoded)) {
    return Buffer.from(encoded, 'base64').toString();
  }
  const keys = Object.keys({ ...data, ...stringData }).join(', ') || 'none';
  const problem = clear === undefined && encoded === undefined ? 'is missing' : 'is not valid base64';
  throw new CredentialsError(
    `${place} ${problem}; keys: ${keys}; check the format that the ingress controller reads`,
  );
}
